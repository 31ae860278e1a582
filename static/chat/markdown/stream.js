/**
 * Draws Markdown while it is being written.
 *
 * Blocks that are certainly over are drawn once and never touched again; only the open tail (a paragraph, the last item
 * of a list, the last row of a table) is drawn anew. New text appears at once, as plain text at the end of the tail, and
 * the tail is parsed again when it has grown by a sixteenth, or after a mark of Markdown while the budget lasts. So the
 * characters parsed in total stay below BUDGET for each character received, whatever comes and however it is cut.
 */

import { h } from "../dom.js";
import { blocksOf, isFence, isList, isTable, itemsOf, lineStarts, rowsOf } from "./blocks.js";
import { CodeStream, opensCode } from "./codestream.js";
import { draw, drawItems, drawRows, endOf } from "./draw.js";
import { displayedLevel, newContext, parse } from "./parser.js";
import { finishLast } from "./unfinished.js";

const GROWTH = 16;
export const BUDGET = 2 * GROWTH;

/** A last line that may still become a list item, a rule, a fence, a heading or an underline is not shown yet. */
const UNDECIDED_LINE = /(?:^|\n) {0,3}(?:[-=*_`~#>+]+|\d{1,9}[.)]?|\|[\s:|-]*)[ \t]*$/;

/** Text with one of these in it may look different once it is parsed. */
const MEANINGFUL = /[\n*_`~[\]()]/;

const withoutCarriageReturns = text => text.replaceAll("\r", "");

/** The whole of `text` drawn in one go. */
export function drawWhole(text) {
  const context = newContext();
  return draw(parse(withoutCarriageReturns(text), context), context);
}

export class MarkdownStream {
  /** @param {HTMLElement} root the element that is filled */
  constructor(root) {
    this.root = root;
    this.end = h("span", { class: "tail" });
    this.reset();
  }

  reset() {
    this.root.replaceChildren();
    this.source = "";
    /** What is not drawn for good yet, and how much of it the last parse saw. */
    this.tail = "";
    this.parsed = 0;
    this.shown = 0;
    this.tailNodes = [];
    this.headings = [];
    this.container = null;
    this.code = null;
    this.hasReferences = false;
    this.finished = false;
    /** Characters parsed so far; tests hold it against the characters received. */
    this.work = 0;
  }

  append(text) {
    const clean = withoutCarriageReturns(text);
    this.source += clean;
    this.#take(clean);
  }

  /** Draws what is left and takes the tail's end mark away. */
  finish() {
    if (this.finished) return;
    this.finished = true;
    if (this.code) this.code.finish();
    else this.#redraw(this.tail, true);
    this.code = null;
    this.end.remove();
    if (this.hasReferences) this.#resolveReferences();
  }

  #take(text) {
    let rest = text;
    while (rest) {
      if (this.code) {
        rest = this.#takeCode(rest);
        continue;
      }
      this.tail += rest;
      rest = this.#advance();
    }
  }

  /** @returns {string} what follows the end of the code */
  #takeCode(text) {
    const before = this.code.work;
    const rest = this.code.append(text);
    this.work += this.code.work - before;
    if (rest === null) return "";
    this.code = null;
    return rest;
  }

  /** @returns {string} text that belongs into code that the tail has just opened */
  #advance() {
    const visible = this.tail.replace(UNDECIDED_LINE, "");
    if (this.#isWorthParsing(visible)) return this.#redraw(visible, false);
    if (visible.length > this.parsed + this.shown) {
      this.end.append(visible.slice(this.parsed + this.shown));
      this.shown = visible.length - this.parsed;
    }
    return "";
  }

  #isWorthParsing(visible) {
    const grown = visible.length - this.parsed;
    if (grown <= 0) return false;
    const cost = visible.length + (this.container?.prefix.length ?? 0);
    if (grown * GROWTH >= cost) return true;
    return MEANINGFUL.test(visible.slice(this.parsed)) && this.work + cost <= BUDGET * this.source.length;
  }

  /** Parses the tail, draws what is over for good and the rest until next time. */
  #redraw(text, final) {
    const prefix = this.container?.prefix ?? "";
    const source = prefix + text;
    const context = newContext(this.headings);
    const blocks = blocksOf(parse(source, context));
    this.work += source.length;
    if (!final && blocks.length) this.work += finishLast(lastPart(blocks.at(-1)).tokens, context);
    this.hasReferences ||= Object.keys(context.references).length > 0;
    this.#clearTail();
    const lines = lineStarts(source);
    const drawing = {
      blocks,
      context,
      lines,
      source,
      done: final ? blocks.length : countDone(blocks, source, lines),
    };
    const keptFrom = this.#settle(drawing);
    const cut = Math.max(0, keptFrom - prefix.length);
    this.tail = this.tail.slice(cut);
    this.parsed = text.length - cut;
    if (this.code) return this.#enterCode();
    if (!final) this.#markEnd();
    return "";
  }

  /** @returns {number} the offset in the source up to which everything is drawn for good */
  #settle(drawing) {
    let { blocks, done } = drawing;
    let keptFrom = 0;
    if (this.container && blocks.length) {
      keptFrom = this.#settleContainer(drawing, blocks[0], done > 0, blocks.length > 1);
      blocks = blocks.slice(1);
      done = Math.max(0, done - 1);
      if (this.container) {
        this.#drawTail(blocks, drawing.context);
        return keptFrom;
      }
    }
    for (const block of blocks.slice(0, done))
      this.root.append(...this.#drawForGood(block.tokens, drawing.context));
    if (done) keptFrom = drawing.lines[blocks[done - 1].end];
    return this.#settleLast(drawing, blocks.slice(done), keptFrom);
  }

  /** The list or table that is open goes on with `block`. */
  #settleContainer({ context, source, lines }, block, isOver, isFollowed) {
    const children = this.container.childrenOf(block);
    const done = isOver
      ? children.length
      : isFollowed
        ? children.length - 1
        : countDone(children, source, lines);
    const { element, drawChildren } = this.container;
    element.append(...drawChildren(block, this.#commit(children.slice(0, done)), context));
    if (isOver) {
      this.container = null;
      return lines[block.end];
    }
    this.#addTail(drawChildren(block, children.slice(done), context), element);
    return done ? lines[children[done - 1].end] : 0;
  }

  /** Of the blocks that are not over, a single list, table or piece of code may be drawn in part. */
  #settleLast(drawing, blocks, keptFrom) {
    const { context, source, lines } = drawing;
    const [block] = blocks;
    if (blocks.length === 1 && isFence(block) && opensCode(source, lines, block)) {
      this.code = new CodeStream(block.tokens[0], source.slice(lines[block.start]), this.end);
      this.root.append(this.code.frame);
      return lines[block.start + 1];
    }
    const kind = blocks.length === 1 && containerOf(block);
    const children = kind ? kind.childrenOf(block) : [];
    const done = countDone(children, source, lines);
    if (!done) {
      this.#drawTail(blocks, context);
      return keptFrom;
    }
    this.#openContainer(kind, block, children.slice(0, done), drawing);
    this.#addTail(kind.drawChildren(block, children.slice(done), context), this.container.element);
    return lines[children[done - 1].end];
  }

  #openContainer(kind, block, children, { context, source, lines }) {
    const [node] = draw(kind.withoutChildren(block), context);
    const prefix = kind.prefixLines
      ? source.slice(lines[block.start], lines[block.start + kind.prefixLines])
      : "";
    const element = kind.elementOf(node);
    this.container = { ...kind, element, prefix };
    element.append(...kind.drawChildren(block, this.#commit(children), context));
    this.root.append(node);
  }

  #drawForGood(tokens, context) {
    this.#commit([{ tokens }]);
    return draw(tokens, context);
  }

  /** Remembers the headings of what is drawn for good: they decide the level of later ones. */
  #commit(blocks) {
    for (const { tokens } of blocks)
      for (const token of tokens)
        if (token.type === "heading_open") displayedLevel(this.headings, token.meta.written);
    return blocks;
  }

  #drawTail(blocks, context) {
    this.#addTail(
      draw(
        blocks.flatMap(block => block.tokens),
        context,
      ),
      this.root,
    );
  }

  #addTail(nodes, parent) {
    parent.append(...nodes);
    this.tailNodes.push(...nodes);
  }

  #clearTail() {
    for (const node of this.tailNodes) node.remove();
    this.tailNodes = [];
    this.end.replaceChildren();
    this.shown = 0;
  }

  #enterCode() {
    const rest = this.tail;
    this.tail = "";
    this.parsed = 0;
    return rest;
  }

  #markEnd() {
    const place = endOf(this.tailNodes.at(-1));
    // Markdown drops the white space at the end of the tail, but the text goes on after it.
    if (/\s/.test(this.tail[this.parsed - 1])) this.end.append(" ");
    if (place) place.append(this.end);
    else if (this.root.childElementCount)
      this.#addTail([h("p", { class: "tail-line" }, this.end)], this.root);
  }

  /** A link definition may stand below its use: only the whole text tells, so blocks that it changes are drawn again. */
  #resolveReferences() {
    const whole = drawWhole(this.source);
    this.work += this.source.length;
    const now = [...this.root.children];
    for (const [index, node] of whole.entries()) {
      if (!now[index]) this.root.append(node);
      else if (!now[index].isEqualNode(node)) now[index].replaceWith(node);
    }
    for (const node of now.slice(whole.length)) node.remove();
  }
}

const LIST = {
  prefixLines: 0,
  childrenOf: itemsOf,
  drawChildren: drawItems,
  elementOf: node => node,
  withoutChildren: list => [list.tokens[0], list.tokens.at(-1)],
};

/** A row is only understood below its head, so the head is parsed again with every row. */
const TABLE = {
  prefixLines: 2,
  childrenOf: rowsOf,
  drawChildren: drawRows,
  elementOf: node => node.getElementsByTagName("tbody")[0],
  withoutChildren: table => {
    const opened = table.tokens.findIndex(token => token.type === "tbody_open");
    return [...table.tokens.slice(0, opened + 1), ...table.tokens.slice(-2)];
  },
};

const containerOf = block => (isList(block) ? LIST : isTable(block) ? TABLE : null);

/** Of a list its last item, of a table its last row: what is certainly not drawn for good yet. */
const lastPart = block => containerOf(block)?.childrenOf(block).at(-1) ?? block;

/**
 * How many of `blocks` nothing that may still come can change: all before one whose first line (of a table: the line
 * below its head) is complete.
 */
function countDone(blocks, source, lines) {
  if (!blocks.length) return 0;
  const last = blocks.at(-1);
  const decided = lines[last.start + (isTable(last) ? 2 : 1)];
  const isComplete = decided !== undefined && source[decided - 1] === "\n";
  return Math.max(0, blocks.length - (isComplete ? 1 : 2));
}
