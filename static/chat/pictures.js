/** Pictures in items: where they may be shown from. Nothing is ever fetched from elsewhere. */

import { textOf } from "./loose.js";

const NAMED = /^attachment:([0-9a-f]{64})$/;
const DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;
const BARE = /^[A-Za-z0-9+/=]+$/;
const MARKS = { iVBORw0KGgo: "png", "/9j/": "jpeg", UklGR: "webp", R0lGOD: "gif" };

/**
 * @param {string} response the id of our row
 * @param {unknown} value the name of a file, a data URL, or bare base64
 * @returns {string} an address for an image; empty where it is none, or stands elsewhere
 */
export function pictureAddress(response, value) {
  const text = textOf(value);
  const named = NAMED.exec(text);
  if (named) return `/api/responses/${response}/files/${named[1]}/`;
  if (DATA.test(text)) return text;
  const mark = Object.keys(MARKS).find(each => text.startsWith(each));
  return mark && BARE.test(text) ? `data:image/${MARKS[mark]};base64,${text}` : "";
}

/** @returns {{width?: number, height?: number}} of a size as the API writes it */
export function measures(size) {
  const found = /^(\d{1,5})x(\d{1,5})$/.exec(textOf(size));
  return found ? { width: Number(found[1]), height: Number(found[2]) } : {};
}
