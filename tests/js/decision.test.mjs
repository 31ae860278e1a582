import "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";

const { CallView } = await import("../../static/chat/views/call.js");

const ALICE = { username: "alice", name: "Alice" };
const BOB = { username: "bob", name: "Bob" };
const ITEM = { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"location": "Pa' };

function card({ me = ALICE, ...fields } = {}) {
  const drafts = new Map();
  const sent = [];
  const standing = {};
  const view = new CallView({
    me,
    decide: (call, command) => sent.push(command),
    standing: () => standing,
    callDraft: call => drafts.get(call.id) ?? "",
    saveCallDraft: (call, text) => drafts.set(call.id, text),
  });
  const call = {
    id: "a",
    call_id: "call_1",
    title: "Weather",
    name: "get_weather",
    arguments: '{"location": "Paris"}',
    output: "",
    state: "asks_approval",
    approvers: "asker",
    asker: ALICE,
    ...fields,
  };
  const draw = changed =>
    view.draw(ITEM, { response: { calls: [Object.assign(call, changed)] }, isOpen: false });
  draw();
  document.body.replaceChildren(view.element);
  const { element } = view;
  return {
    ...{ element, sent, drafts, standing, draw, view },
    text: () => element.textContent,
    button: name =>
      [...element.querySelectorAll("button")].find(
        each => each.textContent === name && !each.closest("[hidden]"),
      ),
  };
}

test("a call that is still being written shows its arguments as they come", () => {
  const view = new CallView({});
  view.draw({ ...ITEM, status: "in_progress" }, { response: { calls: [] }, isOpen: true });
  assert.match(view.element.textContent, /get_weather.*"location": "Pa.*Being written/s);
  assert.equal(view.element.querySelector("button"), null);
});

test("whoever may approve sees what, and approves it", () => {
  const { text, button, sent, element, draw } = card();
  assert.match(text(), /locationParis/);
  button("Approve").click();
  assert.deepEqual(sent, [{ type: "call.approve" }]);
  draw({ state: "done", output: '{"sky": "sunny"}', decided_by: ALICE });
  assert.match(text(), /Approved by Alice/);
  assert.equal(element.querySelector(".decision").childElementCount, 0);
});

test("declining takes a reason, which Escape takes back", () => {
  const { button, sent, element } = card();
  button("Decline").click();
  const reason = element.querySelector("input");
  const form = element.querySelector("form");
  assert.equal(document.activeElement, reason);
  reason.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.ok(form.hidden);
  reason.value = " Not now. ";
  form.dispatchEvent(new window.Event("submit", { cancelable: true }));
  assert.deepEqual(sent, [{ type: "call.decline", reason: "Not now." }]);
});

test("what is typed for a manual tool is kept until somebody has answered", () => {
  const { button, sent, drafts, draw, element } = card({ state: "asks_output", approvers: "team", me: BOB });
  const box = element.querySelector("textarea");
  button("Send answer").click();
  assert.deepEqual(sent, []);
  box.value = "It rains.";
  box.dispatchEvent(new window.Event("input"));
  assert.equal(drafts.get("a"), "It rains.");
  draw({ revision: 2 });
  assert.equal(element.querySelector("textarea"), box);
  button("Send answer").click();
  assert.deepEqual(sent, [{ type: "call.answer", output: "It rains." }]);
  draw({ state: "done", output: "It rains.", decided_by: BOB, kind: "manual" });
  assert.equal(drafts.get("a"), "");
});

test("a refusal is told and the buttons work again; while it is on its way they don't", () => {
  const { button, sent, standing, draw, element } = card();
  standing.isBusy = true;
  draw();
  button("Approve").click();
  assert.deepEqual(sent, []);
  Object.assign(standing, { isBusy: false, problem: "Somebody else has to decide this." });
  draw();
  assert.equal(element.querySelector("[role=alert]").textContent, "Somebody else has to decide this.");
  button("Approve").click();
  assert.equal(sent.length, 1);
});

test("others learn for whom it waits", () => {
  const asker = card({ approvers: "other" });
  assert.match(asker.text(), /Waits for another member of the team to approve it/);
  assert.equal(asker.button("Approve"), undefined);
  assert.match(card({ me: BOB }).text(), /Waits for Alice to approve it/);
});

test("the keyboard stays at the call after a decision", () => {
  const { button, draw, element } = card();
  button("Approve").focus();
  draw({ state: "running" });
  assert.equal(document.activeElement, element.querySelector("summary"));
});
