/** The sources of an answer: numbered marks in its words, and the list below them. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";

const ELSEWHERE = { target: "_blank", rel: "noopener noreferrer nofollow" };

export const linkTo = (address, ...children) => h("a", { href: address, ...ELSEWHERE }, ...children);

/** Markdown knows only the numbers of marks; here they learn where they lead. */
export function dressMarks(element, sources) {
  if (!sources.size) return;
  const byNumber = [...sources.values()];
  for (const mark of element.querySelectorAll("sup.cite")) {
    const source = byNumber[Number(mark.textContent) - 1];
    if (!mark.firstElementChild && source) mark.replaceChildren(dressed(source));
  }
}

function dressed({ number, title, address }) {
  const said = strings.sources.one(number, title);
  const mark = address ? linkTo(address, String(number)) : h("span", {}, String(number));
  mark.title = said;
  return mark;
}

export class Sources {
  constructor() {
    this.list = h("ol", {});
    this.element = h(
      "section",
      { class: "sources", "aria-label": strings.sources.title, hidden: true },
      h("h3", {}, strings.sources.title),
      this.list,
    );
    this.drawn = "";
  }

  draw(sources) {
    const key = [...sources.keys()].join("\n");
    if (key === this.drawn) return;
    this.drawn = key;
    this.element.hidden = !sources.size;
    this.list.replaceChildren(...[...sources.values()].map(line));
  }
}

function line({ number, title, address, note }) {
  const words = [
    h("span", { class: "source-number", "aria-hidden": "true" }, String(number)),
    h("span", { class: "source-title" }, title),
    note && h("span", { class: "source-note" }, note),
  ];
  const box = address
    ? linkTo(address, ...words.filter(Boolean))
    : h("span", {}, icon("file-text"), ...words);
  box.className = "source";
  box.title = title;
  return h("li", {}, box);
}
