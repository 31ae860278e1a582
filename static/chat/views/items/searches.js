/** Web search and file search. */

import { hostOf, webAddress } from "../../citations.js";
import { h } from "../../dom.js";
import { listOf, objectOf, textOf } from "../../loose.js";
import { strings } from "../../strings.js";
import { address, facts, labelled, lines, paragraph, quoted } from "./bits.js";

const words = strings.steps;

export function webSearch(item, { state }) {
  const action = objectOf(item.action);
  const kind = Object.hasOwn(words.web, action.type) ? action.type : "search";
  const queries = queriesOf(action);
  const sources = listOf(action.sources).map(objectOf);
  const details = [
    queries.length > 1 && labelled(words.queries, lines(queries)),
    kind !== "search" &&
      action.url &&
      labelled(words.page, h("p", { class: "step-text" }, address(action.url))),
    sources.length > 0 && labelled(words.sources(sources.length), sourceList(sources)),
  ];
  return {
    icon: "globe",
    title: words.web[kind][state === "running" ? 0 : 1],
    subject: subjectOf(kind, action, queries),
    details: details.some(Boolean) ? () => details : null,
  };
}

const queriesOf = action => {
  const all = listOf(action.queries).map(textOf).filter(Boolean);
  return all.length ? all : [textOf(action.query)].filter(Boolean);
};

function subjectOf(kind, action, queries) {
  if (kind === "search") return quoted(queries);
  const url = webAddress(action.url);
  return [quoted([action.pattern]), url && hostOf(url)].filter(Boolean).join(" · ");
}

const sourceList = sources =>
  h(
    "ul",
    { class: "step-list" },
    ...sources.map(({ url, name, type }) => h("li", {}, address(url) || textOf(name) || textOf(type))),
  );

export function fileSearch(item, { state }) {
  const results = listOf(item.results).map(objectOf);
  const queries = listOf(item.queries);
  return {
    icon: "file-search",
    title: words.files[state === "running" ? 0 : 1],
    subject: quoted(queries),
    note: state === "done" && Array.isArray(item.results) ? words.found(results.length) : "",
    details: results.length
      ? () => [queries.length > 1 && labelled(words.queries, lines(queries)), ...results.map(result)]
      : null,
  };
}

function result({ filename, file_id: id, score, text, attributes }) {
  const name = textOf(filename) || textOf(id) || words.unnamedFile;
  const told = [
    [words.score, typeof score === "number" ? score.toFixed(2) : null],
    [words.fileId, name === id ? null : id],
    ...Object.entries(objectOf(attributes)),
  ];
  return labelled(name, facts(told), paragraph(text, "is-quoted"));
}
