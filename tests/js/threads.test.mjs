import "./page.mjs";

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const { ThreadsView } = await import("../../static/chat/views/threads.js");

// Browsers have it, Node 20 doesn't.
Map.groupBy ??= (rows, key) => {
  const groups = new Map();
  for (const each of rows) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return groups;
};

const row = (id, hour) => ({
  id,
  title: id,
  mine: true,
  archived: false,
  updated_at: `2026-03-01T0${hour}:00:00.000000Z`,
});

let view;
let page;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setInterval"] });
  document.body.innerHTML =
    "<nav id='thread-list'></nav><input id='search'><button id='show-archived' aria-pressed='false'></button>";
  view = new ThreadsView(async () => page, {});
});

const listed = () => [...document.querySelectorAll("#thread-list .title")].map(each => each.textContent);

async function list(next, ...conversations) {
  page = { conversations, next };
  await view.refresh();
}

test("what the server doesn't list any more goes from the list", async () => {
  await list(null, row("walrus", 3), row("seal", 2), row("otter", 1));
  await list(null, row("walrus", 3), row("otter", 1));
  assert.deepEqual(listed(), ["walrus", "otter"]);
});

test("what is on a later page stays, since the first one doesn't reach it", async () => {
  await list(null, row("walrus", 3), row("seal", 2), row("otter", 1));
  await list("further", row("walrus", 3), row("seal", 2));
  assert.deepEqual(listed(), ["walrus", "seal", "otter"]);
});

test("what comes while the list is read stays", async () => {
  await list(null, row("walrus", 3));
  page = { conversations: [row("walrus", 3)], next: null };
  const reading = view.refresh();
  view.take(row("new", 4));
  await reading;
  assert.deepEqual(listed(), ["new", "walrus"]);
});

test("one that was deleted is dropped at once", async () => {
  await list(null, row("walrus", 3), row("seal", 2));
  view.drop("walrus");
  assert.deepEqual(listed(), ["seal"]);
});

test("what waits for somebody's word says so, and not that it is being written", async () => {
  await list(null, { ...row("walrus", 3), running: true, asks: true }, { ...row("seal", 2), running: true });
  const told = () => [...document.querySelectorAll("#thread-list .thread-state:not([hidden])")];
  assert.deepEqual(
    told().map(each => each.title),
    ["Waits for somebody’s word", "An answer is being written"],
  );
  await list(null, row("walrus", 3), row("seal", 2));
  assert.deepEqual(told(), []);
});
