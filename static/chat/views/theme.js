/** The switch between the system's theme, light and dark; static/theme.js applies it before the first paint. */

import { byId } from "../dom.js";
import { strings } from "../strings.js";

const KEY = "theme";
const NEXT = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: "monitor", light: "sun", dark: "moon" };

export function setUpTheme() {
  const button = byId("theme");
  const show = theme => {
    button
      .querySelector("use")
      .setAttribute("href", `${document.documentElement.dataset.icons}#${ICONS[theme]}`);
    button.setAttribute("aria-label", strings.theme[theme]);
    button.title = strings.theme[theme];
  };
  show(document.documentElement.dataset.theme ?? "system");
  button.addEventListener("click", () => {
    const theme = NEXT[document.documentElement.dataset.theme ?? "system"];
    apply(theme);
    show(theme);
  });
}

function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is full or forbidden: the choice holds for as long as the page is open.
  }
}
