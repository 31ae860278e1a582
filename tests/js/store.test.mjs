import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversationStore } from "../../static/chat/store.js";
import { row } from "./events.mjs";

const turn = (id, ...responses) => ({ id, client_key: `key of ${id}`, text: id, responses });
const page = (turns, earlier = null) => ({ conversation: { id: "c1" }, turns, earlier });

function newStore() {
  const told = [];
  const tell =
    name =>
    (...args) =>
      told.push([name, ...args]);
  const store = new ConversationStore({
    changed: tell("changed"),
    listed: tell("listed"),
    conversationChanged: tell("conversation"),
    read: tell("read"),
  });
  return { store, told };
}

test("earlier turns go above the ones that are known", () => {
  const { store } = newStore();
  store.takePage(page([turn("t3"), turn("t4")], "t3"));
  store.takePage(page([turn("t1"), turn("t2")]), { prepend: true });
  assert.deepEqual([...store.turns.keys()], ["t1", "t2", "t3", "t4"]);
  assert.equal(store.earlier, null);
  assert.equal(store.tip(), "t4");
});

test("reading the newest page again keeps the earlier turns", () => {
  const { store } = newStore();
  store.takePage(page([turn("t3")], "t3"));
  store.takePage(page([turn("t1"), turn("t2")]), { prepend: true });
  store.takePage(page([turn("t3"), turn("t4")], "t3"));
  assert.deepEqual([...store.turns.keys()], ["t1", "t2", "t3", "t4"]);
  assert.equal(store.earlier, null);
});

test("a frame of a response that is not known is left alone", () => {
  const { store, told } = newStore();
  store.takeFrame({ response: "nobody", epoch: 1, seq: 4, events: [] });
  assert.deepEqual(told, []);
});

test("a gap asks to read after the last frame in order", () => {
  const { store, told } = newStore();
  store.takeTurn(turn("t1", row()));
  store.takeFrame({ response: "r1", epoch: 1, seq: 0, events: [] });
  store.takeFrame({ response: "r1", epoch: 1, seq: 2, events: [] });
  assert.deepEqual(
    told.filter(([name]) => name === "read"),
    [["read", "r1", { epoch: 1, after: 0 }]],
  );
});

test("Stop is about what runs, else about what is next", () => {
  const { store } = newStore();
  store.takeTurn(turn("t1", row({ status: "completed" })));
  store.takeTurn(turn("t2", row({ id: "r2", status: "waiting" })));
  assert.equal(store.running().id, "r2");
  store.takeTurn(turn("t3", row({ id: "r3", status: "in_progress" })));
  assert.equal(store.running().id, "r3");
});

test("Stop is about a round that waits for a decision before any message behind it", () => {
  const { store } = newStore();
  const called = row({ status: "completed" });
  store.takeTurn(turn("t1", called));
  store.takeTurn(turn("t2", row({ id: "r2", status: "waiting" })));
  store.takeTurn(turn("t1", called, row({ id: "round2", status: "waiting" })));
  assert.equal(store.running().id, "round2");
});

test("the chain is found in both directions", () => {
  const { store } = newStore();
  store.takeTurn(turn("t1", row({ status: "completed", response_id: "resp_1" })));
  store.takeTurn(turn("t2", row({ id: "r2", response_id: "resp_2", previous_response_id: "resp_1" })));
  assert.equal(store.chain(store.response("r2")).previous.id, "r1");
  assert.deepEqual(
    store.chain(store.response("r1")).next.map(each => each.id),
    ["r2"],
  );
});

test("an attempt is shown with all its rounds, and what became of a call with its response", () => {
  const { store, told } = newStore();
  const call = { id: "a", response: "r1", position: 0, revision: 1, state: "running" };
  const rounds = [
    row({ id: "r1", turn: "t1", attempt: 1, round: 1, calls: [call] }),
    row({ id: "r2", turn: "t1", attempt: 1, round: 2 }),
    row({ id: "r3", turn: "t1", attempt: 2, round: 1 }),
  ];
  store.takeTurn(turn("t1", ...rounds));
  const ids = store.attempts(store.turns.get("t1")).map(attempt => attempt.map(({ id }) => id));
  assert.deepEqual(ids, [["r1", "r2"], ["r3"]]);
  store.takeCall({ ...call, revision: 3, state: "done" });
  assert.deepEqual(told.at(-1), ["changed", "t1"]);
  store.takeTurn(turn("t1", ...rounds));
  assert.equal(store.calls()[0].state, "done");
  store.takeCall({ ...call, response: "nobody" });
});

test("an attempt that begins with a later round has the rounds before it", () => {
  const { store } = newStore();
  const rounds = [
    { id: "a", attempt: 1, round: 1 },
    { id: "b", attempt: 1, round: 2 },
    { id: "c", attempt: 2, round: 2 },
    { id: "d", attempt: 3, round: 1 },
  ];
  store.takePage(page([turn("t1", ...rounds.map(each => row({ ...each, turn: "t1" })))]));
  const attempts = store.attempts(store.turns.get("t1"));
  assert.deepEqual(
    attempts.map(each => each.map(({ id }) => id).join("")),
    ["ab", "ac", "d"],
  );
});
