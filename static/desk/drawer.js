/** On a narrow page the sections are a drawer: focus goes in, Escape and a tap beside it close. */

import { byId } from "../chat/dom.js";

export function setUpDrawer() {
  const drawer = byId("sections");
  const opener = byId("open-sections");
  const scrim = byId("scrim");
  const main = byId("content");

  const set = isOpen => {
    drawer.classList.toggle("is-open", isOpen);
    scrim.hidden = !isOpen;
    main.inert = isOpen;
    opener.setAttribute("aria-expanded", isOpen);
    (isOpen ? byId("close-sections") : opener).focus();
  };
  const on = (element, isOpen) =>
    element.addEventListener("click", event => {
      event.preventDefault();
      set(isOpen);
    });
  on(opener, true);
  on(byId("close-sections"), false);
  on(scrim, false);
  drawer.addEventListener("keydown", event => {
    if (event.key === "Escape" && drawer.classList.contains("is-open")) set(false);
  });
  for (const link of [opener, byId("close-sections")]) actLikeButton(link);
}

/** They are links for browsers without scripts, and buttons to everyone else. */
function actLikeButton(link) {
  link.addEventListener("keydown", event => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
}
