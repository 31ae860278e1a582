/** From tokens to elements. */

import { h } from "../dom.js";
import { strings } from "../strings.js";
import { colour, frame } from "./code.js";
import { renderTokens } from "./parser.js";
import { toElements } from "./sanitise.js";

/** @returns {HTMLElement[]} */
export function draw(tokens, context) {
  const drawn = toElements(renderTokens(tokens, context));
  for (const pre of [...drawn.getElementsByTagName("pre")]) {
    colour(pre.firstElementChild);
    frame(pre);
  }
  for (const table of [...drawn.getElementsByTagName("table")]) box(table);
  return [...drawn.children];
}

/** A wide table scrolls in its own box. */
function box(table) {
  const label = { class: "table-box", role: "region", "aria-label": strings.table, tabindex: "0" };
  const place = h("div", label);
  table.replaceWith(place);
  place.append(table);
}

const tokensOf = blocks => blocks.flatMap(block => block.tokens);

export function drawItems(list, items, context) {
  if (!items.length) return [];
  const [node] = draw([list.tokens[0], ...tokensOf(items), list.tokens.at(-1)], context);
  return [...node.children];
}

export function drawRows(table, rows, context) {
  if (!rows.length) return [];
  const body = type => table.tokens.find(token => token.type === type);
  const around = [table.tokens[0], body("tbody_open"), body("tbody_close"), table.tokens.at(-1)];
  const [node] = draw([...around.slice(0, 2), ...tokensOf(rows), ...around.slice(2)], context);
  return [...node.getElementsByTagName("tbody")[0].children];
}

const BLOCKS = new Set("p li ul ol blockquote pre table tbody tr td th div h3 h4 h5 h6".split(" "));

const holdsText = node =>
  BLOCKS.has(node.localName) || (node.localName === "code" && node.parentNode.localName === "pre");

/** Cells that are not written yet are there already, and empty. */
function lastIn(place) {
  if (place.localName !== "tr") return place.lastElementChild;
  return [...place.children].findLast(cell => cell.hasChildNodes()) ?? place.firstElementChild;
}

/** @returns {HTMLElement|null} the innermost block at the end of `node`, where its text goes on */
export function endOf(node) {
  if (!node || !holdsText(node)) return null;
  let place = node;
  for (let next = place; next && holdsText(next); next = lastIn(place)) place = next;
  return place;
}
