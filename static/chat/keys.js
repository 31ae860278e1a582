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

  const actionOf = event => {
    if (event.ctrlKey || event.metaKey) return event.key === "k" && search;
    if (event.altKey) return withAlt[event.code];
    if (event.key === "Escape") return close;
    return !isTyping(event.target) && plain[event.key];
  };

  document.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.isComposing || isDialogOpen()) return;
    const act = actionOf(event);
    if (!act) return;
    act();
    if (event.key !== "Escape") event.preventDefault();
  });
  byId("help").addEventListener("click", () => ask("help-dialog"));
}
