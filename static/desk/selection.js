/** Ticked rows: all of the page at once, a range by Shift, and a bar that counts them. */

import { byId, setText } from "../chat/dom.js";

export function setUpSelection(table) {
  const all = byId("select-page");
  const boxes = [...table.querySelectorAll("tbody .is-tick input")];
  const bar = byId("selection");
  const buttons = [...bar.querySelectorAll("button[name=action]")];
  let last = null;

  const show = () => {
    const count = boxes.filter(box => box.checked).length;
    setText(byId("selected"), String(count));
    bar.classList.toggle("has-some", count > 0);
    byId("clear-selection").hidden = count === 0;
    for (const button of buttons) button.disabled = count === 0;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  const set = (some, isOn) => {
    for (const box of some) box.checked = isOn;
    show();
  };
  table.addEventListener("click", event => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    const from = event.shiftKey && last !== null ? last : at;
    set(boxes.slice(Math.min(from, at), Math.max(from, at) + 1), event.target.checked);
    last = at;
  });
  all.addEventListener("change", () => set(boxes, all.checked));
  byId("clear-selection").addEventListener("click", () => {
    set(boxes, false);
    all.focus();
  });
  // Back in history the browser ticks again what was ticked.
  addEventListener("pageshow", show);
  show();
}
