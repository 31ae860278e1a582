import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Feed } from "../../static/chat/feed.js";
import { EMPTY, reduce } from "../../static/chat/transcript.js";
import { events, framesOf, row } from "./events.mjs";

const itemsOf = list => list.reduce(reduce, EMPTY).items;
const deliver = (feed, frames) => frames.map(frame => feed.take(frame));
const text = words => [{ type: "message", content: [{ type: "output_text", text: words }] }];

/** Which frames arrive, how often and in which order. */
const mishaps = fc.array(fc.record({ pick: fc.nat(), times: fc.integer({ min: 1, max: 2 }) }), {
  maxLength: 40,
});

test("whatever is lost, doubled or out of order, reading again brings the whole", () => {
  fc.assert(
    fc.property(events, mishaps, (list, order) => {
      const frames = framesOf(list);
      const feed = new Feed(row());
      for (const { pick, times } of order)
        for (let time = 0; time < times; time++) feed.take(frames[pick % frames.length]);
      const { epoch, after } = feed.position();
      deliver(
        feed,
        frames.filter(frame => frame.epoch > epoch || frame.seq > after),
      );
      assert.deepEqual(feed.response.items, itemsOf(list));
    }),
  );
});

test("a gap asks for what comes after the last frame in order", () => {
  const [first, , third] = framesOf(
    ["a", "b", "c"].map((delta, sequence_number) => ({
      type: "response.output_text.delta",
      delta,
      sequence_number,
    })),
    { size: 1 },
  );
  const feed = new Feed(row());
  assert.equal(feed.take(first), null);
  assert.deepEqual(feed.take(third), { epoch: 1, after: 0 });
});

test("a new epoch begins with a snapshot, and frames of the old one are dropped", () => {
  fc.assert(
    fc.property(events, events, fc.nat(), (before, after, at) => {
      const known = before.slice(0, at % before.length).reduce(reduce, EMPTY);
      const snapshot = { type: "snapshot", items: known.items, status: known.status, sequence_number: -1 };
      const feed = new Feed(row());
      deliver(feed, framesOf(before));
      deliver(feed, framesOf([snapshot, ...after], { epoch: 2 }));
      deliver(feed, framesOf(before));
      assert.deepEqual(feed.response.items, after.reduce(reduce, reduce(EMPTY, snapshot)).items);
    }),
  );
});

test("reading goes on from the row's cursor", () => {
  fc.assert(
    fc.property(events, fc.nat(), (list, at) => {
      const frames = framesOf(list);
      const reached = at % frames.length;
      const known = frames.slice(0, reached + 1).flatMap(frame => frame.events);
      const cursor = { epoch: 1, seq: reached, upstream_seq: known.at(-1).sequence_number };
      const feed = new Feed(row({ items: itemsOf(known), cursor }));
      deliver(feed, frames);
      assert.deepEqual(feed.response.items, itemsOf(list));
    }),
  );
});

test("a row with a lower revision is out of date", () => {
  const feed = new Feed(row({ revision: 5, model: "new" }));
  assert.equal(feed.merge(row({ revision: 4, model: "old" })), false);
  assert.equal(feed.response.model, "new");
});

test("a row that says the end before the last frames came doesn't cut them off", () => {
  const list = ["one ", "two"].map((delta, sequence_number) => ({
    type: "response.output_text.delta",
    output_index: 0,
    content_index: 0,
    delta,
    sequence_number,
  }));
  const [first, last] = framesOf(list, { size: 1 });
  const feed = new Feed(row());
  feed.take(first);
  feed.merge({ ...row({ revision: 2, status: "completed" }), items: undefined });
  assert.equal(feed.isWhole, false);
  feed.take(last);
  assert.equal(feed.response.items[0].content[0].text, "one two");
  assert.equal(feed.response.status, "completed");
});

test("the final items of a row are not written twice by frames that come late", () => {
  const feed = new Feed(row({ status: "completed", items: text("whole") }));
  feed.take({
    epoch: 1,
    seq: 0,
    events: [
      {
        type: "response.output_text.delta",
        output_index: 0,
        content_index: 0,
        delta: "whole",
        sequence_number: 3,
      },
    ],
  });
  assert.deepEqual(feed.response.items, text("whole"));
});

test("a receipt brings the row and ends the feed", () => {
  const feed = new Feed(row());
  const receipt = {
    type: "receipt",
    response: { ...row({ revision: 3, status: "completed", usage: { output_tokens: 1 } }), items: undefined },
  };
  feed.take({ epoch: 1, seq: 0, events: [receipt] });
  assert.equal(feed.isWhole, true);
  assert.equal(feed.response.usage.output_tokens, 1);
});
