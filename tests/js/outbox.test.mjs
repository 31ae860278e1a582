import { window } from "./page.mjs";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Outbox } from "../../static/chat/outbox.js";

beforeEach(() => window.localStorage.clear());

test("a draft belongs to one person and one conversation", () => {
  const alice = new Outbox("alice");
  alice.saveDraft("c1", "half a thought");
  assert.equal(alice.draft("c1"), "half a thought");
  assert.equal(alice.draft("c2"), "");
  assert.equal(alice.draft(null), "");
  assert.equal(new Outbox("bob").draft("c1"), "");
});

test("a message stays, with its key, until it is taken out", () => {
  const { client_key } = new Outbox("alice").add("c1", "hello");
  const afterReload = new Outbox("alice");
  assert.deepEqual(
    afterReload.unsent("c1").map(each => [each.client_key, each.text]),
    [[client_key, "hello"]],
  );
  afterReload.remove("c1", client_key);
  assert.deepEqual(afterReload.unsent("c1"), []);
});

test("a first message moves to the conversation that was made for it", () => {
  const outbox = new Outbox("alice");
  const { client_key } = outbox.add(null, "first words");
  outbox.adopt("c9");
  assert.deepEqual(outbox.unsent(null), []);
  assert.equal(outbox.unsent("c9")[0].client_key, client_key);
});

test("without storage it is kept for as long as the page lives", t => {
  t.mock.method(window.Storage.prototype, "setItem", () => {
    throw new Error("QuotaExceededError");
  });
  t.mock.method(window.Storage.prototype, "getItem", () => null);
  const outbox = new Outbox("alice");
  outbox.add("c1", "hello");
  assert.equal(outbox.unsent("c1").length, 1);
});

test("what was typed where one may no longer write moves to the draft of a new conversation", () => {
  const outbox = new Outbox("carol");
  outbox.add("c1", "never sent");
  outbox.saveDraft("c1", "half a thought");
  outbox.saveDraft(null, "begun before");
  assert.equal(outbox.rescue("c1"), "never sent\n\nhalf a thought\n\nbegun before");
  assert.deepEqual([outbox.draft("c1"), outbox.unsent("c1")], ["", []]);
  assert.equal(outbox.rescue("c1"), outbox.draft(null));
});

test("what was typed for a conversation that is deleted is given back, to come back with it", () => {
  const outbox = new Outbox("dora");
  outbox.add("c1", "never sent");
  outbox.saveDraft("c1", "half a thought");
  assert.equal(outbox.forget("c1"), "never sent\n\nhalf a thought");
  assert.deepEqual([outbox.draft("c1"), outbox.draft(null), outbox.unsent("c1")], ["", "", []]);
});
