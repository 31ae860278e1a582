/** Short notices at the foot of the page, with at most one thing to do about them. */

import { byId, h } from "../dom.js";

const STAYS = 6000;

/** @param {{label: string, act: () => void}} [action] */
export function toast(text, action) {
  const note = h("div", { class: "toast" }, h("span", {}, text));
  const end = () => note.remove();
  if (action) {
    const act = () => {
      end();
      action.act();
    };
    note.append(h("button", { type: "button", onclick: act }, action.label));
  }
  byId("toasts").replaceChildren(note);
  setTimeout(end, STAYS);
}
