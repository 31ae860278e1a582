/** Code that is being written: text is added as it comes, and no line is looked at twice. */

import { h } from "../dom.js";
import { canColour, colour, frame } from "./code.js";
import { languageOf } from "./parser.js";

/** Coloured anew when it has grown by an eighth, up to this length; longer code is coloured once, at its end. */
const GROWTH = 8;
const LONGEST_LIVE = 30_000;

const closingLine = (marker, length) => new RegExp(`^ {0,3}\\${marker}{${length},}[ \\t]*$`);

/** Whether a fence at the end of the source is still open, and its first line whole. */
export function opensCode(source, lines, block) {
  const first = lines[block.start + 1];
  if (first === undefined || source[first - 1] !== "\n") return false;
  const { markup } = block.tokens[0];
  const last = source.slice(lines[block.end - 1], lines[block.end]).replace(/\n$/, "");
  return block.end - block.start < 2 || !closingLine(markup[0], markup.length).test(last);
}

export class CodeStream {
  /**
   * @param {object} token markdown-it's fence
   * @param {string} opening its first line, whose indent is taken off the others
   * @param {HTMLElement} end the mark of the end, which holds what is not coloured yet
   */
  constructor({ info, markup }, opening, end) {
    const language = languageOf(info);
    this.element = h("code", { "data-language": language });
    this.frame = frame(h("pre", { class: "code" }, this.element));
    this.end = end;
    this.closing = closingLine(markup[0], markup.length);
    this.mayClose = new RegExp(`^ {0,3}\\${markup[0]}*[ \\t]*$`);
    this.indent = new RegExp(`^ {0,${opening.search(/[^ ]/)}}`);
    this.isLive = canColour(language, 0);
    /** The start of the last line, while it may still turn out to be the closing one. */
    this.undecided = "";
    this.isDecided = false;
    this.coloured = 0;
    this.length = 0;
    this.work = 0;
    this.element.append(end);
  }

  /** @returns {string|null} what follows the closing line, or null while the code is open */
  append(text) {
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      const isClosed = !this.#takeLineEnd(text.slice(from, at));
      from = at + 1;
      if (isClosed) return text.slice(from);
    }
    this.#takePiece(text.slice(from));
    return null;
  }

  /** The answer is over; a last line without its end is code unless it is blank or closes it. */
  finish() {
    const isCode = this.undecided.trim() && !this.closing.test(this.undecided);
    if (!this.isDecided && isCode) this.#show(this.undecided.replace(this.indent, ""));
    this.#close();
  }

  #takeLineEnd(piece) {
    if (this.isDecided) this.#show(`${piece}\n`);
    else {
      const line = this.undecided + piece;
      if (this.closing.test(line)) {
        this.#close();
        return false;
      }
      this.#show(`${line.replace(this.indent, "")}\n`);
    }
    this.undecided = "";
    this.isDecided = false;
    this.#colourWhenGrown();
    return true;
  }

  #takePiece(piece) {
    if (this.isDecided) {
      this.#show(piece);
      return;
    }
    this.undecided += piece;
    if (this.mayClose.test(this.undecided)) return;
    this.isDecided = true;
    this.#show(this.undecided.replace(this.indent, ""));
  }

  #show(text) {
    if (!text) return;
    this.length += text.length;
    this.end.append(text);
  }

  #colourWhenGrown() {
    if (!this.isLive || this.length > LONGEST_LIVE) return;
    if ((this.length - this.coloured) * GROWTH < this.length) return;
    this.#colour();
    this.element.append(this.end);
  }

  #close() {
    this.end.remove();
    if (this.end.hasChildNodes()) this.element.append(...this.end.childNodes);
    if (this.coloured < this.length) this.#colour();
  }

  #colour() {
    this.work += colour(this.element);
    this.coloured = this.length;
    this.end.replaceChildren();
  }
}
