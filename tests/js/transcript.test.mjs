import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EMPTY, reduce } from "../../static/chat/transcript.js";
import { events } from "./events.mjs";

const fold = (list, from = EMPTY) => list.reduce(reduce, from);

const snapshotOf = ({ items, status, upstream_seq }) => ({
  type: "snapshot",
  items,
  status,
  sequence_number: upstream_seq,
});

test("a snapshot and the events after it equal a fresh snapshot", () => {
  fc.assert(
    fc.property(events, fc.nat(), (list, at) => {
      const cut = at % list.length;
      const snapshot = snapshotOf(fold(list.slice(0, cut)));
      assert.deepEqual(fold([snapshot, ...list.slice(cut)]), fold(list));
    }),
  );
});

test("events that are in the snapshot already change nothing", () => {
  fc.assert(
    fc.property(events, fc.nat(), (list, at) => {
      const whole = fold(list);
      assert.deepEqual(fold(list.slice(at % list.length), whole), whole);
    }),
  );
});

test("folding leaves its argument alone", () => {
  const freeze = value => {
    if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  fc.assert(
    fc.property(events, list => {
      list.reduce((state, event) => freeze(reduce(state, event)), freeze(structuredClone(EMPTY)));
    }),
  );
});

test("text is appended, and replaced by what is done", () => {
  const delta = { type: "response.output_text.delta", output_index: 0, content_index: 0 };
  const state = fold([
    { ...delta, delta: "Hel", sequence_number: 0 },
    { ...delta, delta: "lo", sequence_number: 1 },
  ]);
  assert.equal(state.items[0].content[0].text, "Hello");
  const done = { ...delta, type: "response.output_text.done", text: "Hello.", sequence_number: 2 };
  assert.equal(reduce(state, done).items[0].content[0].text, "Hello.");
});

test("the output of a terminal event replaces the items, unless it has none", () => {
  const output = [{ type: "message", content: [{ type: "output_text", text: "whole" }] }];
  const completed = { type: "response.completed", sequence_number: 5 };
  const state = { ...EMPTY, items: [{ type: "message" }] };
  assert.deepEqual(reduce(state, { ...completed, response: { status: "completed", output } }).items, output);
  assert.deepEqual(reduce(state, { ...completed, response: { status: "completed" } }).items, state.items);
});

test("what isn't of its type counts as empty, and an index that is nonsense as the first place", () => {
  const event = { type: "response.output_text.delta", content_index: 0, delta: "word", sequence_number: 0 };
  for (const output_index of [-1, 1.5, 10_000, "0", null, undefined])
    assert.equal(fold([{ ...event, output_index }]).items[0].content[0].text, "word");
  const odd = { ...EMPTY, items: [null], status: "in_progress" };
  assert.equal(fold([event], odd).items[0].content[0].text, "word");
  assert.deepEqual(fold([{ ...event, delta: { not: "text" } }]).items[0].content, [{ text: "" }]);
});

test("a type is known only by its own name", () => {
  for (const type of ["toString", "constructor", "__proto__", ""])
    assert.deepEqual(fold([{ type, sequence_number: 0 }]), { ...EMPTY, upstream_seq: 0 });
});
