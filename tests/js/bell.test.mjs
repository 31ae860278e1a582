import "./page.mjs";

import assert from "node:assert/strict";
import { test } from "node:test";

const { showWaiting } = await import("../../static/chat/views/bell.js");

test("the bell comes with the first matter and keeps its place when none is left", () => {
  document.body.innerHTML = "<a id='bell' hidden><b id='bell-count' hidden>0</b></a>";
  const [bell, count] = ["bell", "bell-count"].map(id => document.getElementById(id));
  showWaiting(0);
  assert.equal(bell.hidden, true);
  showWaiting(2);
  assert.deepEqual([bell.hidden, count.hidden, count.textContent], [false, false, "2"]);
  showWaiting(0);
  assert.deepEqual([bell.hidden, count.hidden], [false, true]);
});
