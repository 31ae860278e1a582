/**
 * What an answer rests on: its annotations as numbered sources, and the places of their marks in the text.
 *
 * @typedef {{number: number, title: string, address: string, note: string}} Source
 *   `address` is empty where there is nothing that may be opened
 */

import { isMessage, itemsOf, partsOf } from "./content.js";
import { listOf, objectOf, textOf } from "./loose.js";

/** Around the number of a mark, in the Markdown that is drawn; whatever else holds these is rid of them. */
const OPEN = "\uE000";
const CLOSE = "\uE001";
const STRAY = /[\uE000\uE001]/g;

/** @returns {URL|null} an address that a person may follow from here */
export function webAddress(value) {
  try {
    const url = new URL(textOf(value));
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

export const hostOf = url => url.hostname.replace(/^www\./, "");

const KINDS = {
  url_citation(note) {
    const url = webAddress(note.url);
    if (!url) return null;
    return {
      key: url.href,
      title: textOf(note.title).trim() || hostOf(url),
      address: url.href,
      note: hostOf(url),
    };
  },
  file_citation: note => file(note),
  container_file_citation: note => file(note),
  file_path: note => file(note),
};

function file(note) {
  const id = textOf(note.file_id);
  const title = textOf(note.filename) || id;
  return title ? { key: id || title, title, address: "", note: "" } : null;
}

const sourceOf = note => KINDS[Object.hasOwn(KINDS, note.type) ? note.type : ""]?.(note) ?? null;

/** @returns {Map<string, Source>} the sources of a whole answer by their keys, numbered as they come */
export function sourcesOf(response) {
  const sources = new Map();
  for (const item of itemsOf(response).filter(isMessage))
    for (const part of partsOf(item.content))
      for (const note of listOf(part.annotations).map(objectOf)) {
        const source = sourceOf(note);
        if (source && !sources.has(source.key))
          sources.set(source.key, { ...source, number: sources.size + 1 });
      }
  return sources;
}

/**
 * @param {object} part of a message
 * @returns {string} its text with a mark at each place that has a source; a link there makes way for the mark
 */
export function marked(part, sources) {
  const text = textOf(part.text).replace(STRAY, "");
  const places = listOf(part.annotations)
    .map(note => placeOf(objectOf(note), sources))
    .filter(Boolean);
  if (!places.length || text.length !== textOf(part.text).length) return text;
  return withMarks(Array.from(text), places);
}

const FENCE = /^ {0,3}(?:```|~~~)/gm;
const isInCode = before => (before.match(FENCE) ?? []).length % 2 === 1;
/** A mark would become a part of the address that it follows. */
const ADDRESS_AT_END = /https?:\/\/\S*$/;

function placeOf(note, sources) {
  const source = sources.get(sourceOf(note)?.key);
  const end = Number.isInteger(note.end_index) ? note.end_index : note.index;
  if (!source || !Number.isInteger(end) || end < 0) return null;
  const start = Number.isInteger(note.start_index) ? note.start_index : end;
  return { start: Math.max(0, Math.min(start, end)), end, number: source.number };
}

/** @param {string[]} characters since the API counts whole ones, where JavaScript counts halves of some */
function withMarks(characters, places) {
  let done = "";
  let at = 0;
  for (const { start, end, number } of places.sort((one, other) => one.end - other.end)) {
    const stop = Math.min(end, characters.length);
    const from = Math.max(at, Math.min(start, stop));
    const rest = restOf(characters.slice(from, stop).join(""));
    const before = done + characters.slice(at, from).join("");
    // Where a link makes way, its mark stands close to the word before it.
    done = rest || from === stop ? before + rest : before.replace(/ $/, "");
    at = Math.max(at, stop);
    if (isInCode(done)) continue;
    done += `${ADDRESS_AT_END.test(done) ? " " : ""}${OPEN}${number}${CLOSE}`;
  }
  return done + characters.slice(at).join("");
}

const LINK = /^\(?\[([^\]]*)\]\(([^)\s]*)\)\)?$/;

/** What stays of the words that a source covers: of a link to the web nothing, of one to a file its name. */
function restOf(covered) {
  if (webAddress(covered)) return "";
  const link = LINK.exec(covered.trim());
  if (!link) return covered;
  return webAddress(link[2]) ? "" : link[1];
}
