/** The words of one message: Markdown parts that grow at an even pace while they are being written. */

import { marked } from "../citations.js";
import { partsOf, wordsOf } from "../content.js";
import { h, icon } from "../dom.js";
import { MarkdownStream } from "../markdown/stream.js";
import { Pace, wholeCharacters } from "../pace.js";
import { block } from "../structured.js";
import { strings } from "../strings.js";
import { dressMarks } from "./sources.js";

const wantsLessMotion = matchMedia("(prefers-reduced-motion: reduce)");

class Part {
  constructor(isAtOnce) {
    this.element = h("div", { class: "prose" });
    this.stream = new MarkdownStream(this.element);
    this.pace = new Pace();
    this.fed = "";
    this.isAtOnce = isAtOnce;
  }

  /** @returns {boolean} whether some of `text` is still to be shown */
  draw(text, isGrowing, now) {
    if (!text.startsWith(this.fed) || (this.stream.finished && text !== this.fed)) this.#restart();
    this.pace.arrived(text.length, now);
    if (!isGrowing || this.isAtOnce || wantsLessMotion.matches) this.pace.skip();
    this.isAtOnce = false;
    this.#feed(text, this.pace.advance(now));
    if (!isGrowing) this.stream.finish();
    return this.pace.isBehind;
  }

  /** What was read already, but for a mark, is not written out again. */
  #restart() {
    this.stream.reset();
    this.pace = new Pace();
    this.fed = "";
    this.isAtOnce = true;
  }

  #feed(text, shown) {
    const end = wholeCharacters(text, shown);
    if (end <= this.fed.length) return;
    this.stream.append(text.slice(this.fed.length, end));
    this.fed = text.slice(0, end);
  }
}

export class Prose {
  constructor() {
    this.element = h("div", { class: "answer-words" });
    this.parts = [];
  }

  /**
   * @param {object} item a message
   * @param {import("./items.js").About} about
   * @returns {boolean} whether the next frame has more to show
   */
  draw(item, { response, sources, isGrowing, isAtOnce, now }) {
    const shown = partsOf(item.content).filter(wordsOf);
    const isForm = part => response?.structured && part.text;
    const texts = shown.map(part =>
      isForm(part) ? block(part.text, isGrowing) : marked(part, sources) || wordsOf(part),
    );
    while (this.parts.length > texts.length) this.parts.pop().element.remove();
    while (this.parts.length < texts.length) this.#add(isAtOnce);
    let isBehind = false;
    for (const [index, part] of this.parts.entries())
      isBehind = part.draw(texts[index], isGrowing && index === texts.length - 1, now) || isBehind;
    this.#tellRefusal(shown.some(part => !part.text));
    dressMarks(this.element, sources);
    return isBehind;
  }

  /** What was there when the page came is shown at once; what comes later is paced. */
  #add(isAtOnce) {
    const part = new Part(isAtOnce);
    this.parts.push(part);
    this.element.append(part.element);
  }

  #tellRefusal(isRefused) {
    if (!isRefused || this.refusal) return;
    this.refusal = h("p", { class: "refusal" }, icon("hand"), strings.refused);
    this.element.prepend(this.refusal);
  }
}
