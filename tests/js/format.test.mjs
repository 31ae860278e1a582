import assert from "node:assert/strict";
import { test } from "node:test";
import { callStateOf, stateOf, textsOf } from "../../static/chat/content.js";
import { dayGroup, daysUntil, formatMoney, formatSeconds, secondsBetween } from "../../static/chat/format.js";

test("small amounts keep two figures", () => {
  assert.equal(formatMoney({ amount: "0.001234", currency: "USD" }), "$0.0012");
  assert.equal(formatMoney({ amount: "12.5", currency: "USD" }), "$12.50");
  assert.equal(formatMoney({ amount: "0", currency: "USD" }), "$0.00");
});

test("seconds are read at a glance", () => {
  assert.equal(formatSeconds(secondsBetween("2026-01-01T00:00:00Z", "2026-01-01T00:00:03.250Z")), "3.3 s");
  assert.equal(formatSeconds(75), "1 min 15 s");
  assert.equal(formatSeconds(null), null);
});

test("days are counted to the nearest, and never below none", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(daysUntil("2026-01-30T23:59:00Z", now), 30);
  assert.equal(daysUntil("2025-12-01T00:00:00Z", now), 0);
});

test("conversations are grouped by local days", () => {
  const now = new Date(2026, 5, 20, 9);
  const at = (...parts) => dayGroup(new Date(...parts).toISOString(), now);
  assert.equal(at(2026, 5, 20, 0, 1), "today");
  assert.equal(at(2026, 5, 19, 23), "yesterday");
  assert.equal(at(2026, 5, 15), "week");
  assert.equal(at(2026, 5, 1), "month");
  assert.match(at(2025, 2, 3), /2025/);
});

test("an answer's texts and reasoning are told apart", () => {
  const items = [
    { type: "reasoning", summary: [{ text: "First" }, { text: "Second" }] },
    {
      type: "message",
      content: [
        { type: "output_text", text: "Hello" },
        { type: "refusal", refusal: "No" },
      ],
    },
    { content: [{ text: "untyped" }] },
    {},
    { type: "function_call", arguments: "{}" },
  ];
  assert.deepEqual(textsOf({ items }), ["Hello", "No", "untyped"]);
});

test("thinking becomes writing with the first word", () => {
  assert.equal(stateOf({ status: "in_progress", items: [] }), "thinking");
  const items = [{ type: "message", content: [{ text: "H" }] }];
  assert.equal(stateOf({ status: "in_progress", items }), "writing");
  assert.equal(stateOf({ status: "completed", items }), "completed");
});

test("a tool at work is told from thinking and writing", () => {
  const call = { type: "web_search_call", status: "searching" };
  const words = { type: "message", content: [{ text: "H" }] };
  const state = items => stateOf({ status: "in_progress", items });
  assert.equal(state([call]), "working");
  assert.equal(state([words, call]), "working");
  assert.equal(state([call, words]), "writing");
  assert.equal(state([{ ...call, status: "completed" }]), "thinking");
});

test("a call that was cut off is neither running nor done", () => {
  assert.equal(callStateOf({ status: "searching" }, true), "running");
  assert.equal(callStateOf({ status: "searching" }, false), "stopped");
  assert.equal(callStateOf({ status: "completed" }, false), "done");
  assert.equal(callStateOf({ error: "unreachable" }, true), "failed");
});
