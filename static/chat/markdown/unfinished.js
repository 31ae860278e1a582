/**
 * Makes the last words of an open paragraph look as they will when they are finished: what is bold is bold before its
 * closing stars have come, and half a link is its text. Nothing of this stays: the next parse starts from the source.
 */

import { parseInline } from "./parser.js";

const TRAILING_MARKER = /(?:\*{1,2}|_{1,2}|`+|~{1,2}|!?\[)$/;
const HALF_LINK = /!?\[([^[\]]*)\]\([^()\s]*$/;

const occurrences = (text, part) => text.split(part).length - 1;

/** @returns {string} the text with its open markers closed */
export function finished(content) {
  const text = content.replace(HALF_LINK, "$1").replace(TRAILING_MARKER, "");
  if (occurrences(text, "`") % 2) return `${text}\``;
  const closing = ["**", "~~"].filter(marker => occurrences(text, marker) % 2).reverse();
  return text.trimEnd() + closing.join("");
}

/**
 * @param {object[]} tokens of a part that will be parsed again
 * @returns {number} characters that were parsed for it
 */
export function finishLast(tokens, context) {
  const last = tokens.findLast(token => token.type === "inline" && token.content);
  if (!last) return 0;
  const text = finished(last.content);
  if (text === last.content.trimEnd()) return 0;
  last.children = parseInline(text, context);
  return text.length;
}
