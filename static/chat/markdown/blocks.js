/** Cuts markdown-it's flat token list into the blocks, list items and table rows that can be drawn on their own. */

/**
 * @typedef {{tokens: object[], type: string, start: number, end: number}} Block
 *   `start` and `end` are lines of the parsed source, `end` exclusive
 */

/** @returns {Block[]} the blocks at the given nesting level of `tokens` */
export function blocksOf(tokens, level = 0) {
  const blocks = [];
  let first = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.level !== level || token.nesting === 1) continue;
    blocks.push(blockOf(tokens.slice(first, index + 1)));
    first = index + 1;
  }
  return blocks;
}

function blockOf(tokens) {
  const [start, end] = tokens[0].map;
  return { tokens, type: tokens[0].type, start, end };
}

export const isList = block => block.type === "bullet_list_open" || block.type === "ordered_list_open";
export const isTable = block => block.type === "table_open";
export const isFence = block => block.type === "fence";

/** @returns {Block[]} the items of a list */
export const itemsOf = list => blocksOf(list.tokens.slice(1, -1), list.tokens[0].level + 1);

/** @returns {Block[]} the rows of a table's body */
export function rowsOf(table) {
  const open = table.tokens.findIndex(token => token.type === "tbody_open");
  if (open < 0) return [];
  const close = table.tokens.findIndex(token => token.type === "tbody_close");
  return blocksOf(table.tokens.slice(open + 1, close), table.tokens[open].level + 1);
}

/** The offsets at which the lines of `text` begin, and its end. */
export function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) !== text.length) starts.push(text.length);
  return starts;
}
