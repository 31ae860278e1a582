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
