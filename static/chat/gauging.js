/** What the gauge of the context asks for and what one can do about a conversation that gets too long. */

import { byId } from "./dom.js";
import { request } from "./http.js";
import { strings } from "./strings.js";
import { toast } from "./views/toasts.js";

/** @param {import("./app.js").App} app */
export function gaugeActions(app) {
  return {
    draft: () => ({ text: byId("message").value, files: app.tray.files() }),
    deployment: () => app.options.current(),
    count: tip => count(app, tip),
    choose: choices => goOn(app, choices),
    newConversation: () => takeDraftAlong(app),
  };
}

async function count({ bootstrap, id }, tip) {
  const counted = await request("POST", `${bootstrap.urls.conversations}${id}/context/`, { tip });
  return counted.input_tokens;
}

async function goOn({ session, threads }, choices) {
  const chosen = { ...session.store.conversation.choices, ...choices };
  try {
    threads.take(await session.change({ choices: chosen }));
    toast(choices.compact_at ? strings.gauge.nowCompacts : strings.gauge.nowLeavesOut);
  } catch (error) {
    toast(`${strings.errors.notSaved} ${error.message}`);
  }
}

/** What is being written for a conversation that is full starts the next one. */
function takeDraftAlong(app) {
  app.composer.flush();
  app.outbox.rescue(app.id);
  app.startAnew();
}
