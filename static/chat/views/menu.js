/** A small menu below the button that opens it: arrow keys move, Escape closes. */

import { h } from "../dom.js";

let close = null;

export function closeMenu() {
  close?.();
  return Boolean(close);
}

/** @param {{icon: Node, label: string, act: () => void}[]} entries */
export function openMenu(opener, entries) {
  const isSame = opener.getAttribute("aria-expanded") === "true";
  close?.();
  if (isSame) return;
  const choose = entry => () => {
    close();
    entry.act();
  };
  const buttons = entries.map(entry =>
    h("button", { type: "button", role: "menuitem", onclick: choose(entry) }, entry.icon, entry.label),
  );
  const menu = h(
    "div",
    { class: "menu", role: "menu", onkeydown: event => move(event, buttons, opener) },
    ...buttons,
  );
  const outside = event => !menu.contains(event.target) && !opener.contains(event.target) && close();
  close = () => {
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    close = null;
  };
  opener.setAttribute("aria-expanded", "true");
  opener.parentNode.append(menu);
  menu.classList.toggle("opens-up", menu.getBoundingClientRect().bottom > innerHeight);
  document.addEventListener("pointerdown", outside);
  buttons[0].focus();
}

function move(event, buttons, opener) {
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    buttons.at(to % buttons.length).focus();
  }
  if (event.key === "Escape" || event.key === "Tab") {
    event.stopPropagation();
    close();
    if (event.key === "Escape") opener.focus();
  }
}
