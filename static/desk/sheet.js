/** A row's page beside the list. The dialog keeps focus inside, closes on Escape and gives focus back. */

import { byId } from "../chat/dom.js";
import { strings } from "../chat/strings.js";

const words = strings.desk;

export function setUpSheet() {
  const dialog = byId("sheet");
  const body = byId("sheet-body");
  let row = null;
  let asked = 0;

  const show = async chosen => {
    row?.classList.remove("is-open");
    row = chosen;
    row.classList.add("is-open");
    row.scrollIntoView({ block: "nearest" });
    const url = row.querySelector(".row-link").href;
    byId("sheet-page").href = url;
    byId("sheet-previous").disabled = !row.previousElementSibling;
    byId("sheet-next").disabled = !row.nextElementSibling;
    const mine = ++asked;
    body.setAttribute("aria-busy", "true");
    const content = await fragment(url);
    if (mine !== asked) return;
    body.replaceChildren(content);
    body.scrollTop = 0;
    body.setAttribute("aria-busy", "false");
  };
  const step = name => {
    const next = row?.[name];
    if (next) show(next);
  };
  byId("sheet-previous").addEventListener("click", () => step("previousElementSibling"));
  byId("sheet-next").addEventListener("click", () => step("nextElementSibling"));
  byId("close-sheet").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", event => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", event => {
    const name = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
    if (!name || !event.altKey) return;
    event.preventDefault();
    step(name);
  });
  dialog.addEventListener("close", () => {
    row.classList.remove("is-open");
    row.querySelector(".row-link").focus();
    body.replaceChildren();
    asked++;
  });

  return {
    get isOpen() {
      return dialog.open;
    },
    open(chosen) {
      if (!dialog.open) dialog.showModal();
      body.focus();
      show(chosen);
    },
  };
}

/** The page's content; scripts in it don't run, since the browser parses it apart. */
async function fragment(url) {
  const address = new URL(url);
  address.searchParams.set("_sheet", "1");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) return parsed(await answer.text());
    return problem(answer.redirected ? words.signedOut : words.refused);
  } catch {
    return problem(words.unreachable);
  }
}

function parsed(text) {
  const content = document.createDocumentFragment();
  content.append(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  return content;
}

function problem(text) {
  const note = document.createElement("p");
  note.className = "notice error";
  note.setAttribute("role", "alert");
  note.textContent = text;
  return note;
}
