/** Panels of filters close like menus: by Escape and by a click beside them. */

export function setUpFilters() {
  for (const panel of document.querySelectorAll("details.filters")) {
    panel.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !panel.open) return;
      panel.open = false;
      panel.querySelector("summary").focus();
    });
    document.addEventListener("pointerdown", event => {
      if (!panel.contains(event.target)) panel.open = false;
    });
  }
}
