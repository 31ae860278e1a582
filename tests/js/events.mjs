/** Generators of what the API's stream may say, and the frames it is cut into. */

import fc from "fast-check";

const text = fc.string({ maxLength: 12 });
const index = fc.integer({ min: 0, max: 2 });
const content = { output_index: index, content_index: index };
const summary = { output_index: index, summary_index: index };
const item = { output_index: index };

const event = (type, fields) => fc.record({ type: fc.constant(type), ...fields });
const status = value => ({ response: fc.constant({ id: "resp_1", status: value }) });

const anyEvent = fc.oneof(
  event("response.created", status("in_progress")),
  event("response.output_item.added", {
    ...item,
    item: fc.constantFrom({ type: "message", content: [] }, { type: "reasoning", summary: [] }),
  }),
  event("response.content_part.added", { ...content, part: fc.constant({ type: "output_text", text: "" }) }),
  event("response.output_text.delta", { ...content, delta: text }),
  event("response.output_text.done", { ...content, text }),
  event("response.output_text.annotation.added", {
    ...content,
    annotation: fc.constant({ type: "url_citation" }),
  }),
  event("response.refusal.delta", { ...content, delta: text }),
  event("response.reasoning_summary_part.added", { ...summary, part: fc.constant({ text: "" }) }),
  event("response.reasoning_summary_text.delta", { ...summary, delta: text }),
  event("response.function_call_arguments.delta", { ...item, delta: text }),
  event("response.mcp_call_arguments.delta", { ...item, delta: text }),
  event("response.code_interpreter_call_code.delta", { ...item, delta: text }),
  event("response.web_search_call.searching", item),
  event("response.mcp_call.failed", item),
  event("response.something.new", { ...item, delta: text }),
);

/** Numbered from 0, as upstream numbers them. */
export const events = fc
  .array(anyEvent, { minLength: 1, maxLength: 40 })
  .map(list => list.map((each, sequence_number) => ({ ...each, sequence_number })));

/** @returns {object[]} frames of one epoch, each with up to `size` events */
export function framesOf(list, { epoch = 1, size = 3, first = 0, response = "r1" } = {}) {
  const frames = [];
  for (let at = 0; at < list.length; at += size)
    frames.push({
      type: "frame",
      response,
      epoch,
      seq: first + frames.length,
      events: list.slice(at, at + size),
    });
  return frames;
}

export const row = (changes = {}) => ({
  id: "r1",
  turn: "t1",
  revision: 1,
  status: "in_progress",
  items: [],
  cursor: null,
  ...changes,
});
