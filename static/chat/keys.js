/** Keys that work anywhere on the page; the help dialog lists them. */

import { byId } from "./dom.js";
import { ask, isDialogOpen } from "./views/dialogs.js";
import { closeMenu } from "./views/menu.js";

const isTyping = target => target.closest("input, textarea, select, [contenteditable]");

/** @param {import("./app.js").App} app */
export function setUpKeys(app) {
  const search = () => {
    if (byId("open-threads").offsetParent) app.head.openDrawer();
    byId("search").focus();
  };
  const plain = { "/": search, "?": () => ask("help-dialog") };
  const withAlt = {
    KeyN: () => app.startAnew(),
    KeyM: () => app.composer.focus(),
    KeyS: () => app.session?.stop(),
  };
  const close = () => closeMenu() || app.receipt.close() || app.head.closeDrawer();

  document.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.isComposing || isDialogOpen()) return;
    const isModified = event.ctrlKey || event.metaKey;
    const act = isModified
      ? event.key === "k" && search
      : event.altKey
        ? withAlt[event.code]
        : event.key === "Escape"
          ? close
          : !isTyping(event.target) && plain[event.key];
    if (!act) return;
    act();
    if (event.key !== "Escape") event.preventDefault();
  });
  byId("help").addEventListener("click", () => ask("help-dialog"));
}
