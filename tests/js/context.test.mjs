import "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { gaugeOf, isNearlyFull } from "../../static/chat/context.js";
import { ConversationStore } from "../../static/chat/store.js";
import { row } from "./events.mjs";

const DEPLOYMENT = { id: 1, context_window: 1000, max_output_tokens: 200 };
const NOTHING = { text: "", files: [] };
const usage = { input_tokens: 300, output_tokens: 120, reasoning_tokens: 20, estimated: false };
const answered = (id, changes = {}) =>
  row({ id, status: "completed", deployment: { id: 1, title: "One" }, usage, ...changes });

function storeOf(turns, choices = {}) {
  const nobody = () => {};
  const listeners = { changed: nobody, listed: nobody, conversationChanged: nobody, read: nobody };
  const store = new ConversationStore(listeners);
  store.takePage({ conversation: { id: "c1", choices }, turns, earlier: null });
  return store;
}

const turn = (id, ...responses) => ({ id, client_key: id, text: "x".repeat(40), attachments: [], responses });

test("the newest answer says how much is read, but for what the model thought", () => {
  const gauge = gaugeOf(storeOf([turn("t1", answered("r1"))]), NOTHING, DEPLOYMENT, null);
  assert.deepEqual(gauge, {
    tokens: 400,
    how: "usage",
    draft: 0,
    room: 800,
    window: 1000,
    share: 0.5,
    compactAt: 1000,
  });
});

test("what came since and what is being written is estimated, files too", () => {
  const unanswered = turn("t2", answered("r2", { status: "failed", usage: null }));
  const store = storeOf([turn("t1", answered("r1")), unanswered]);
  const draft = { text: "y".repeat(80), files: [{ type: "image/png" }, { pages: 2 }] };
  const gauge = gaugeOf(store, draft, DEPLOYMENT, null);
  assert.deepEqual([gauge.tokens, gauge.how, gauge.draft], [410, "estimate", 20 + 1000 + 2400]);
  assert.ok(isNearlyFull(gauge));
});

test("a whole attempt counts, not a later one that failed", () => {
  const later = answered("r2", { status: "cancelled", usage: { ...usage, estimated: true } });
  const gauge = gaugeOf(storeOf([turn("t1", answered("r1"), later)]), NOTHING, DEPLOYMENT, null);
  assert.deepEqual([gauge.tokens, gauge.how], [400, "usage"]);
});

test("what upstream counted goes before, for the turn that it counted", () => {
  const store = storeOf([turn("t1", answered("r1"))]);
  const counted = tip => gaugeOf(store, NOTHING, DEPLOYMENT, { tip, tokens: 390 });
  assert.deepEqual([counted("t1").tokens, counted("t1").how], [390, "api"]);
  assert.deepEqual([counted("t0").tokens, counted("t0").how], [400, "usage"]);
});

test("another model counts in another way, and of an unknown window nothing is said", () => {
  const store = storeOf([turn("t1", answered("r1"))]);
  assert.equal(gaugeOf(store, NOTHING, { ...DEPLOYMENT, id: 2 }, null).how, "estimate");
  assert.equal(gaugeOf(store, NOTHING, { id: 1, context_window: null }, null), null);
  assert.equal(gaugeOf(store, NOTHING, undefined, null), null);
});

test("an answer that began with a compaction says only about how much is read", () => {
  const items = [{ type: "compaction", encrypted_content: "gAAA" }];
  assert.equal(
    gaugeOf(storeOf([turn("t1", answered("r1", { items }))]), NOTHING, DEPLOYMENT, null).how,
    "estimate",
  );
});

test("a chosen limit of the answer leaves more room to read", () => {
  const store = storeOf([turn("t1", answered("r1"))], { max_output_tokens: 100 });
  assert.equal(gaugeOf(store, NOTHING, DEPLOYMENT, null).room, 900);
});
