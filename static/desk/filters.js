/** The panel of filters closes like a menu: by Escape and by a click beside it. */

import { byId } from "../chat/dom.js";

export function setUpFilters() {
  const panel = byId("filters");
  panel.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !panel.open) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", event => {
    if (!panel.contains(event.target)) panel.open = false;
  });
}
