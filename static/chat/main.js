/** The chat page begins here. */

import { App } from "./app.js";
import { byId } from "./dom.js";
import { setUpKeys } from "./keys.js";
import { copy } from "./views/bits.js";
import { setUpTheme } from "./views/theme.js";

const app = new App(JSON.parse(byId("bootstrap").textContent));

setUpTheme();
setUpKeys(app);

byId("new-conversation").addEventListener("click", () => app.startAnew());
byId("load-earlier").addEventListener("click", () => app.loadEarlier());

byId("welcome").addEventListener("click", event => {
  const starter = event.target.closest(".starter");
  if (!starter) return;
  if ("browser" in starter.dataset) app.options.useBrowser();
  app.composer.insert(starter.dataset.prompt);
});

byId("transcript").addEventListener("click", event => {
  const button = event.target.closest(".code-copy");
  if (button) copy(button.closest(".code-frame").querySelector("code").textContent, button);
});

addEventListener("popstate", () => {
  const id = /^\/c\/([0-9a-f-]+)\//.exec(location.pathname)?.[1];
  app.open(id ? { id } : null);
});
addEventListener("online", () => app.hurry());
// A line that is really gone says so within seconds of being asked.
addEventListener("offline", () => app.session?.socket.hurry());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) app.hurry();
});

app.open(app.bootstrap.conversation);
app.threads.reload();
app.resume();
if (matchMedia("(pointer: fine)").matches) app.composer.focus();
