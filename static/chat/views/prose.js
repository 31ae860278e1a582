/** The words of one answer: Markdown parts that grow at an even pace while the answer is being written. */

import { h } from "../dom.js";
import { MarkdownStream } from "../markdown/stream.js";
import { Pace, wholeCharacters } from "../pace.js";

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

  #restart() {
    this.stream.reset();
    this.pace = new Pace();
    this.fed = "";
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
    this.element = h("div", { class: "answer-body" });
    this.parts = [];
    this.isNew = true;
  }

  /**
   * @param {string[]} texts
   * @param {boolean} isOpen whether the last text may still grow
   * @returns {boolean} whether the next frame has more to show
   */
  draw(texts, isOpen, now) {
    while (this.parts.length > texts.length) this.parts.pop().element.remove();
    while (this.parts.length < texts.length) this.#add();
    this.isNew = false;
    let isBehind = false;
    for (const [index, part] of this.parts.entries())
      isBehind = part.draw(texts[index], isOpen && index === texts.length - 1, now) || isBehind;
    return isBehind;
  }

  /** What was there when the page came is shown at once; what comes later is paced. */
  #add() {
    const part = new Part(this.isNew);
    this.parts.push(part);
    this.element.append(part.element);
  }
}
