/**
 * The reducer that folds the API's stream events into a Response's output items.
 *
 * Pure: every step returns a new object and leaves its argument alone, so a view can tell by `!==` what changed.
 * conversations/chat/transcript.py keeps the same rules; a snapshot plus the events after it equals a fresh snapshot.
 *
 * @typedef {{items: object[], status: string, upstream_seq: number}} Transcript
 *   `upstream_seq` is the API's sequence_number that the items reach, -1 before the first event
 */

import { listOf, objectOf, textOf } from "./loose.js";

export const TERMINAL = new Set(["completed", "incomplete", "failed", "cancelled", "interrupted"]);

export const isTerminal = response => TERMINAL.has(response.status);

export const EMPTY = Object.freeze({ items: [], status: "queued", upstream_seq: -1 });

/**
 * @param {Transcript} transcript may hold more than that; the rest is kept
 * @param {{type: string}} event
 * @returns {Transcript} the same object where the event changes nothing
 */
export function reduce(transcript, event) {
  const number = event.sequence_number;
  let next = transcript;
  if (Number.isInteger(number) && event.type !== "snapshot") {
    if (number <= transcript.upstream_seq) return transcript;
    next = { ...transcript, upstream_seq: number };
  }
  const rule = RULES.get(event.type);
  return rule ? rule(next, event) : next;
}

/** More items or parts than any response has; an index beyond is nonsense. */
const MOST_PLACES = 10_000;

/** A copy of `list` with the value at `index` changed; places that no event opened are created empty. */
function changedAt(list, index, change) {
  const place = Number.isInteger(index) && index >= 0 && index < MOST_PLACES ? index : 0;
  const copy = listOf(list).slice();
  while (copy.length <= place) copy.push({});
  copy[place] = change(objectOf(copy[place]));
  return copy;
}

const onItem = (transcript, event, change) => ({
  ...transcript,
  items: changedAt(transcript.items, event.output_index, change),
});

const onPart = (kind, index) => (transcript, event, change) =>
  onItem(transcript, event, item => ({ ...item, [kind]: changedAt(item[kind], event[index], change) }));

const onContent = onPart("content", "content_index");
const onSummary = onPart("summary", "summary_index");

const set = (place, key) => (transcript, event) => place(transcript, event, () => objectOf(event[key]));

const append = (place, key) => (transcript, event) =>
  place(transcript, event, part => ({ ...part, [key]: textOf(part[key]) + textOf(event.delta) }));

const replace = (place, key) => (transcript, event) =>
  typeof event[key] === "string"
    ? place(transcript, event, part => ({ ...part, [key]: event[key] }))
    : transcript;

const annotate = (transcript, event) =>
  onContent(transcript, event, part => ({
    ...part,
    annotations: [...listOf(part.annotations), event.annotation ?? null],
  }));

const progress = (transcript, event) =>
  onItem(transcript, event, item => ({
    ...item,
    status: event.type.slice(event.type.lastIndexOf(".") + 1),
  }));

const lifecycle = (transcript, event) => ({
  ...transcript,
  status: textOf(event.response?.status) || transcript.status,
});

function end(transcript, event) {
  const next = lifecycle(transcript, event);
  const output = listOf(event.response?.output).map(objectOf);
  return output.length ? { ...next, items: output } : next;
}

const snapshot = (transcript, { items, status, sequence_number }) => ({
  ...transcript,
  items,
  status,
  upstream_seq: sequence_number,
});

/** How far the tools that run upstream are: `response.<call>.<status>`. */
const PROGRESS = {
  web_search_call: ["in_progress", "searching", "completed"],
  file_search_call: ["in_progress", "searching", "completed"],
  code_interpreter_call: ["in_progress", "interpreting", "completed"],
  image_generation_call: ["in_progress", "generating", "completed"],
  mcp_call: ["in_progress", "completed", "failed"],
  mcp_list_tools: ["in_progress", "completed", "failed"],
};

const progressRules = Object.entries(PROGRESS).flatMap(([call, states]) =>
  states.map(status => [`response.${call}.${status}`, progress]),
);

const RULES = new Map([
  ...progressRules,
  ...Object.entries({
    snapshot,
    "response.created": lifecycle,
    "response.queued": lifecycle,
    "response.in_progress": lifecycle,
    "response.completed": end,
    "response.incomplete": end,
    "response.failed": end,
    "response.cancelled": end,
    "response.output_item.added": set(onItem, "item"),
    "response.output_item.done": set(onItem, "item"),
    "response.content_part.added": set(onContent, "part"),
    "response.content_part.done": set(onContent, "part"),
    "response.output_text.delta": append(onContent, "text"),
    "response.output_text.done": replace(onContent, "text"),
    "response.output_text.annotation.added": annotate,
    "response.refusal.delta": append(onContent, "refusal"),
    "response.refusal.done": replace(onContent, "refusal"),
    "response.reasoning_summary_part.added": set(onSummary, "part"),
    "response.reasoning_summary_part.done": set(onSummary, "part"),
    "response.reasoning_summary_text.delta": append(onSummary, "text"),
    "response.reasoning_summary_text.done": replace(onSummary, "text"),
    "response.reasoning_text.delta": append(onContent, "text"),
    "response.reasoning_text.done": replace(onContent, "text"),
    "response.function_call_arguments.delta": append(onItem, "arguments"),
    "response.function_call_arguments.done": replace(onItem, "arguments"),
    "response.custom_tool_call_input.delta": append(onItem, "input"),
    "response.custom_tool_call_input.done": replace(onItem, "input"),
    "response.mcp_call_arguments.delta": append(onItem, "arguments"),
    "response.mcp_call_arguments.done": replace(onItem, "arguments"),
    "response.image_generation_call.partial_image": replace(onItem, "partial_image_b64"),
    "response.code_interpreter_call_code.delta": append(onItem, "code"),
    "response.code_interpreter_call_code.done": replace(onItem, "code"),
  }),
]);
