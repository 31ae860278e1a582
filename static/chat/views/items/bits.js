/** Pieces of the details of a step. */

import { webAddress } from "../../citations.js";
import { h } from "../../dom.js";
import { listOf, textOf } from "../../loose.js";
import { colour, frame } from "../../markdown/code.js";
import { strings } from "../../strings.js";
import { linkTo } from "../sources.js";

/** More than a person reads; a page that draws it all would stand still. */
const LONGEST = 100_000;

const cut = text => (text.length > LONGEST ? `${text.slice(0, LONGEST)}\n${strings.steps.cut}` : text);

export function codeBlock(text, language = "") {
  if (!text) return null;
  const code = h("code", { "data-language": language }, cut(text));
  const box = frame(h("pre", { class: "code" }, code));
  colour(code);
  return box;
}

/** @param {unknown} value JSON, or a text that may be JSON */
export function jsonBlock(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (!text) return null;
  try {
    return codeBlock(JSON.stringify(JSON.parse(text), null, 2), "json");
  } catch {
    return codeBlock(text);
  }
}

export const labelled = (label, ...nodes) => {
  const shown = nodes.flat().filter(Boolean);
  return (
    shown.length > 0 && h("div", { class: "step-part" }, h("p", { class: "step-label" }, label), ...shown)
  );
};

export const paragraph = (text, kind = "") =>
  textOf(text) && h("p", { class: `step-text ${kind}`.trim() }, text);

export const lines = texts => {
  const shown = listOf(texts).map(textOf).filter(Boolean);
  return shown.length > 0 && h("ul", { class: "step-list" }, ...shown.map(text => h("li", {}, text)));
};

/** A web address as a link; anything else as the text that it is. */
export function address(value, label = "") {
  const url = webAddress(value);
  if (!url) return textOf(value) && h("span", {}, label || value);
  return linkTo(url.href, label || `${url.host}${url.pathname === "/" ? "" : url.pathname}`);
}

/** @param {[string, unknown][]} pairs of which those without a value are left out */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => typeof value === "string" || typeof value === "number");
  const pair = ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));
  return shown.length > 0 && h("dl", { class: "step-facts" }, ...shown.map(pair));
}

export const quoted = texts =>
  listOf(texts)
    .map(textOf)
    .filter(Boolean)
    .map(text => `“${text}”`)
    .join(", ");
