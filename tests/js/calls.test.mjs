import assert from "node:assert/strict";
import { test } from "node:test";
import {
  callOf,
  goesOn,
  inOneLine,
  mayDecide,
  merged,
  troubleOf,
  waitingFor,
} from "../../static/chat/calls.js";
import { Stopwatch } from "../../static/chat/views/stopwatch.js";

const ALICE = { username: "alice" };
const BOB = { username: "bob" };
const call = (fields = {}) => ({
  id: "a",
  position: 0,
  revision: 1,
  state: "asks_approval",
  approvers: "asker",
  asker: ALICE,
  ...fields,
});

test("of each call the row with the highest revision counts, whatever comes first", () => {
  const first = call();
  const second = call({ id: "b", position: 1, revision: 3 });
  const known = merged([second], [first]);
  assert.deepEqual(known, [first, second]);
  const done = call({ revision: 2, state: "done" });
  assert.deepEqual(merged(known, [done, call({ ...second, revision: 2 })]), [done, second]);
  assert.deepEqual(merged([done], undefined), [done]);
});

test("a call belongs to the item with its id, of a function or of an MCP server", () => {
  const response = { calls: [call({ call_id: "call_1" }), call({ id: "b", call_id: "mcpr_1" })] };
  assert.equal(callOf(response, { type: "function_call", id: "fc_1", call_id: "call_1" }).id, "a");
  assert.equal(callOf(response, { type: "mcp_approval_request", id: "mcpr_1" }).id, "b");
  assert.equal(callOf({}, { type: "function_call", call_id: "call_1" }), undefined);
});

test("who may decide is what the policy says, as long as somebody is asked", () => {
  const who = approvers => [ALICE, BOB].map(me => mayDecide(call({ approvers }), me));
  assert.deepEqual(who("asker"), [true, false]);
  assert.deepEqual(who("team"), [true, true]);
  assert.deepEqual(who("other"), [false, true]);
  assert.deepEqual(who("nobody known"), [false, false]);
  assert.equal(mayDecide(call({ state: "running" }), ALICE), false);
});

test("an answer waits for a person before it waits for a tool", () => {
  const rounds = (...states) => [{ calls: states.map(state => call({ state })) }, {}];
  assert.equal(waitingFor(rounds("done", "running", "asks_approval")), "approval");
  assert.equal(waitingFor(rounds("asks_output")), "person");
  assert.equal(waitingFor(rounds("asks_output", "queued")), "person");
  assert.equal(waitingFor(rounds("done", "queued")), "tool");
  assert.equal(waitingFor(rounds("done", "failed")), "");
});

test("an answer that called something isn't over when it has ended", () => {
  const response = { status: "completed", items: [{ type: "message" }, { type: "function_call" }] };
  assert.ok(goesOn(response));
  assert.ok(!goesOn({ ...response, status: "cancelled" }));
  assert.ok(!goesOn({ ...response, items: [null, { type: "message" }] }));
});

test("a round has a time of its own", () => {
  const stopwatch = new Stopwatch();
  const round = (id, seconds) => ({ id, started_at: new Date(Date.now() - seconds * 1000).toISOString() });
  assert.equal(stopwatch.seconds(round("r1", 600), 0), 600);
  assert.equal(stopwatch.seconds(round("r2", 2), 1000), 2);
});

test("arguments stand in one line, also while they are still coming", () => {
  assert.equal(inOneLine('{"location": "Paris", "days": 3}'), 'location: "Paris", days: 3');
  assert.equal(inOneLine('{"location": "Pa'), '{"location": "Pa');
  for (const odd of ["[1]", "null", "3", "", undefined]) assert.equal(inOneLine(odd), odd ?? "");
});

test("what failed says why, where its output does", () => {
  assert.equal(troubleOf({ state: "failed", output: '{"error": "No such place."}' }), "No such place.");
  assert.equal(troubleOf({ state: "done", output: '{"error": "No such place."}' }), "");
  for (const output of ["", "null", "words", '{"error": 3}'])
    assert.equal(troubleOf({ state: "failed", output }), "");
});
