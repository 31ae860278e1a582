import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { pauseBefore, Socket } from "../../static/chat/socket.js";

class Line {
  static all = [];

  constructor() {
    this.sent = [];
    Line.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  say(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  end(code) {
    this.onclose?.({ code });
  }

  close() {}
}

function connected() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  Line.all = [];
  const told = { messages: [], states: [] };
  const listeners = { message: each => told.messages.push(each), state: each => told.states.push(each) };
  const socket = new Socket("ws://chat.test/", listeners, { WebSocket: Line });
  socket.connect();
  return { socket, ...told, line: () => Line.all.at(-1) };
}

const kinds = states => states.map(state => state.kind);

test("it is open once the server has said hello, and not before", () => {
  const { socket, states, line } = connected();
  assert.equal(socket.send({ type: "ping" }), false);
  line().say({ type: "hello" });
  assert.equal(socket.send({ type: "ping" }), true);
  assert.deepEqual(kinds(states), ["connecting", "open"]);
});

test("a lost connection is tried again, with growing pauses", () => {
  const { states, line } = connected();
  line().say({ type: "hello" });
  line().end(1006);
  assert.deepEqual(kinds(states).at(-1), "waiting");
  mock.timers.tick(500);
  assert.equal(Line.all.length, 2);
  line().end(1006);
  mock.timers.tick(500);
  assert.equal(Line.all.length, 3 - Number(states.at(-1).kind === "waiting"));
});

test("the pauses grow, stay below their limit and differ from one page to the next", () => {
  assert.equal(
    pauseBefore(0, () => 0),
    250,
  );
  assert.equal(
    pauseBefore(0, () => 1),
    500,
  );
  assert.equal(
    pauseBefore(3, () => 1),
    4000,
  );
  assert.equal(
    pauseBefore(30, () => 1),
    20_000,
  );
});

for (const [code, reason] of [
  [4401, "signedOut"],
  [4403, "forbidden"],
  [4410, "deleted"],
]) {
  test(`after ${code} it doesn't come back`, () => {
    const { states, line } = connected();
    line().end(code);
    mock.timers.tick(60_000);
    assert.equal(Line.all.length, 1);
    assert.deepEqual(states.at(-1), { kind: "closed", reason });
  });
}

test("a line that is quiet for long and doesn't answer a ping is given up", () => {
  const { states, line } = connected();
  line().say({ type: "hello" });
  mock.timers.tick(15_000);
  assert.deepEqual(line().sent, [{ type: "ping" }]);
  mock.timers.tick(5_000);
  assert.equal(states.at(-1).kind, "waiting");
});

test("while an answer is expected a dead line is noticed within eight seconds", () => {
  const { socket, states, line } = connected();
  line().say({ type: "hello" });
  socket.isBusy = true;
  mock.timers.tick(3_000);
  assert.deepEqual(line().sent, [{ type: "ping" }]);
  mock.timers.tick(5_000);
  assert.equal(states.at(-1).kind, "waiting");
});

test("any message shows that the line is alive", () => {
  const { messages, states, line } = connected();
  line().say({ type: "hello" });
  mock.timers.tick(15_000);
  line().say({ type: "pong" });
  mock.timers.tick(8_000);
  assert.equal(states.at(-1).kind, "open");
  assert.deepEqual(messages, [{ type: "hello" }]);
});

test("a server that takes the connection and says nothing is tried again", () => {
  const { states } = connected();
  mock.timers.tick(10_000);
  assert.equal(states.at(-1).kind, "waiting");
  mock.timers.tick(500);
  assert.equal(Line.all.length, 2);
});

test("connections that break at once don't make the pauses short again, one that lasts does", () => {
  const { states, line } = connected();
  for (let time = 0; time < 3; time++) {
    line().say({ type: "hello" });
    line().end(1011);
    mock.timers.tick(20_000);
  }
  assert.equal(states.filter(state => state.kind === "waiting").at(-1).attempt, 3);
  line().say({ type: "hello" });
  mock.timers.tick(6_000);
  line().end(1011);
  assert.equal(states.at(-1).attempt, 1);
});

test("nothing is heard of a socket that was closed here", () => {
  const { socket, states } = connected();
  socket.close();
  mock.timers.tick(60_000);
  assert.equal(Line.all.length, 1);
  assert.deepEqual(kinds(states), ["connecting"]);
});
