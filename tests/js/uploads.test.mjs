import "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../static/chat/outbox.js";
import { whyNot } from "../../static/chat/uploads.js";

const LIMITS = { attachments: 2, attachment_bytes: 1000 };

test("what can't go along is refused before a byte leaves", () => {
  const file = size => ({ name: "a.png", size });
  assert.equal(whyNot(file(999), [], LIMITS), "");
  assert.match(whyNot(file(0), [], LIMITS), /“a.png” is empty/);
  assert.match(whyNot(file(1000), [], LIMITS), /takes less than 1 kB/);
  assert.match(whyNot(file(500), [{ bytes: 500 }], LIMITS), /With this one the files have 1 kB/);
  assert.match(whyNot(file(1), [{ bytes: 1 }, { bytes: 1 }], LIMITS), /takes 2 files at once/);
});

test("files wait with the draft, and go along with what is rescued", () => {
  const outbox = new Outbox("alice");
  outbox.saveFiles("c1", [{ id: "drafted" }]);
  outbox.add("c1", "unsent", [{ id: "unsent" }]);
  assert.deepEqual(outbox.files("c2"), []);
  outbox.rescue("c1");
  assert.deepEqual(
    outbox.files(null).map(file => file.id),
    ["unsent", "drafted"],
  );
  assert.deepEqual(outbox.files("c1"), []);
});
