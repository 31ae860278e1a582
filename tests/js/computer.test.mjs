import "./page.mjs";
import assert from "node:assert/strict";
import { mock, test } from "node:test";

const motion = { matches: false };
globalThis.matchMedia = () => motion;

const { actionsOf, ComputerView, leftOf, stateOf, told } =
  await import("../../static/chat/views/computer.js");
const { SLIDE_MS } = await import("../../static/chat/views/replay.js");
const { ConversationStore } = await import("../../static/chat/store.js");

const step = (number, fields = {}) => ({
  id: `step-${number}`,
  number,
  response: "r",
  actions: number ? [{ type: "click", button: "left", x: 10 * number, y: 7 }] : [],
  state: "done",
  revision: 1,
  screenshot: `${number}`.repeat(64),
  is_stale: false,
  url: "https://shop.example.com/",
  title: "Shop",
  notes: [],
  pointer: [1, 2],
  started_at: "2026-01-01T00:00:00Z",
  ended_at: "2026-01-01T00:00:01.500Z",
  checks: [],
  ...fields,
});

const run = (fields = {}) => ({
  ...{ id: "run", turn: "t", attempt: 1, state: "running", reason: "", told: "", revision: 1 },
  ...{ width: 1024, height: 768, waits_until: null, steps: [step(0), step(1)] },
  ...fields,
});

const CHECK = { code: "sensitive_domain", message: "An order is placed.", decision: "" };
const ASKS = step(2, { state: "asks", screenshot: "", url: "", checks: [CHECK] });

function shown(fields, sight) {
  const sent = [];
  const revealed = [];
  const view = new ComputerView({
    me: { username: "alice" },
    steer: command => sent.push(command),
    reveal: element => revealed.push(element),
    back: () => revealed.push("back"),
  });
  view.draw(run(fields), sight);
  document.body.replaceChildren(view.element);
  const click = name =>
    [...view.element.querySelectorAll("button")].find(each => each.textContent.includes(name)).click();
  return { view, sent, revealed, click, element: view.element };
}

test("the newest picture is shown, with the place of the action drawn on it", () => {
  const { element } = shown();
  const picture = element.querySelector(".computer-picture img");
  assert.equal(picture.getAttribute("src"), `/api/responses/r/files/${"1".repeat(64)}/`);
  const ring = element.querySelector("svg circle");
  assert.deepEqual([ring.getAttribute("cx"), ring.getAttribute("cy")], ["10", "7"]);
});

test("who can't see the picture reads what it says", () => {
  const { element } = shown();
  const said = "Step 1: click at 10, 7. Shop, https://shop.example.com/";
  assert.equal(element.querySelector(".computer-picture img").alt, said);
  assert.equal(told(step(1, { notes: ["A dialog was closed"], is_stale: true })).split(". ").length, 4);
});

const sight = {
  run: "run",
  turn: "t",
  step: 1,
  picture: "AAAA",
  media_type: "image/jpeg",
  url: "https://shop.example.com/",
  title: "Shop",
};

test("each step says what was done, on which page, and what else happened", () => {
  const notes = ["A dialog was closed.", "A download was cancelled"];
  const { element } = shown({ steps: [step(0), step(1, { notes, is_stale: true })] });
  const row = element.querySelectorAll(".computer-steps li")[1].textContent;
  for (const said of ["click at 10, 7", "Shop, https://shop.example.com/", "A dialog was closed. A download"])
    assert.ok(row.includes(said), said);
  assert.match(row, /the one before$/);
});

test("who can't see the page of now reads what the step says, and where the page has gone since", () => {
  const { view, element } = shown({}, sight);
  const said = "Step 1: click at 10, 7. Shop, https://shop.example.com/";
  const read = () => [
    element.querySelector(".computer-hand").getAttribute("aria-label"),
    element.querySelector("figcaption").textContent,
  ];
  assert.deepEqual(read(), [said, said]);
  view.draw(run({}), { ...sight, title: "Cart", picture: "BBBB" });
  assert.deepEqual(read(), Array(2).fill(`${said}. Now: Cart, https://shop.example.com/`));
});

test("the picture of a step is shown before the step says that it is done", () => {
  const { element } = shown({}, { ...sight, step: 2 });
  assert.match(element.querySelector(".computer-picture img").getAttribute("src"), /^data:/);
});

test("between two steps the page of now is shown, unless an earlier step is looked at", () => {
  const { view, element, click } = shown({}, sight);
  const src = () => element.querySelector(".computer-picture img").getAttribute("src");
  assert.equal(src(), "data:image/jpeg;base64,AAAA");
  assert.ok(element.querySelector(".computer-picture circle"));
  view.draw(run({ revision: 2, steps: [step(0), step(1), step(2)] }), sight);
  assert.match(src(), /\/2+\/$/);
  view.draw(run({ revision: 2, steps: [step(0), step(1), step(2)] }), { ...sight, step: 2 });
  click("First look");
  assert.match(src(), /\/0+\/$/);
  view.draw(run({ state: "ended", reason: "done", revision: 3 }), { ...sight, step: 1 });
  assert.match(src(), /\/0+\/$/);
});

test("an earlier step is looked at until the newest is chosen again", () => {
  const { view, element, click } = shown();
  click("First look");
  const src = () => element.querySelector(".computer-picture img").getAttribute("src");
  assert.match(src(), /\/0+\/$/);
  view.draw(run({ revision: 2, steps: [step(0), step(1), step(2)] }));
  assert.match(src(), /\/0+\/$/);
  click("click at 20");
  assert.match(src(), /\/2+\/$/);
});

test("a safety check names code, reason, page and action, and takes an answer", () => {
  const { element, sent, click } = shown({ state: "waits_for_person", steps: [step(0), step(1), ASKS] });
  const card = element.querySelector(".computer-card").textContent;
  for (const part of [
    "sensitive_domain",
    "An order is placed.",
    "https://shop.example.com/",
    "click at 20, 7",
  ])
    assert.ok(card.includes(part), part);
  click("Proceed");
  click("Decline");
  assert.deepEqual(sent, [
    { type: "computer.proceed", step: "step-2" },
    { type: "computer.decline", step: "step-2" },
  ]);
});

test("a running task can be paused, and a paused one resumed", () => {
  const { view, sent, click } = shown();
  click("Pause");
  view.draw(run({ state: "paused", revision: 2 }));
  click("Resume");
  assert.deepEqual(
    sent.map(command => command.type),
    ["computer.pause", "computer.resume"],
  );
});

test("a question is told and brought into sight once, and keeps the focus as long as it stands", () => {
  const { view, element, revealed } = shown({ state: "waits_for_person", steps: [step(0), step(1), ASKS] });
  const card = element.querySelector("[aria-live=polite]");
  card.querySelector("button").focus();
  view.draw(run({ state: "waits_for_person", revision: 2, steps: [step(0), step(1), ASKS] }));
  assert.deepEqual([revealed, card.contains(document.activeElement)], [[card], true]);
  view.draw(run({ revision: 3, steps: [step(0), step(1), step(2)] }));
  assert.deepEqual(revealed, [card, "back"]);
});

test("a page that asks for a person is taken over, or left to the model", () => {
  const { element, sent, click } = shown({
    state: "waits_for_person",
    told: "The page asks for a password.",
  });
  assert.match(element.querySelector(".computer-card h3").textContent, /asks for a password/);
  click("Take over");
  click("Let the model go on");
  assert.deepEqual(sent, [
    { type: "computer.take", run: "run" },
    { type: "computer.resume", run: "run" },
  ]);
});

const ENDED = { state: "ended", reason: "done", steps: [step(0), step(1), step(2)] };
const lookedAt = element => element.querySelector(".computer-picture img").src.at(-2);

test("a task that is over plays from its first step to its last, and can be paused", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { element, click } = shown(ENDED);
  const looked = [];
  const pass = () => (mock.timers.tick(SLIDE_MS), looked.push(lookedAt(element)));
  click("Play");
  looked.push(lookedAt(element));
  pass();
  click("Pause");
  pass();
  click("Play");
  looked.push(lookedAt(element));
  mock.timers.tick(SLIDE_MS);
  assert.deepEqual(looked, ["0", "1", "1", "2"]);
  assert.ok(element.querySelector(".computer-buttons").textContent.includes("Play"));
  mock.timers.reset();
});

test("the button keeps the focus while slides pass, and arrows turn them", () => {
  const { element, click } = shown(ENDED);
  const button = element.querySelector(".computer-buttons button");
  button.focus();
  const press = key =>
    document.activeElement.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true }));
  press("ArrowLeft");
  assert.deepEqual([lookedAt(element), document.activeElement], ["1", button]);
  press("ArrowLeft");
  press("ArrowLeft");
  assert.equal(lookedAt(element), "0");
  click("click at 10");
  press("ArrowRight");
  assert.equal(lookedAt(element), "2");
  assert.equal(document.activeElement.getAttribute("aria-current"), "step");
});

test("who wants less motion turns each slide", () => {
  motion.matches = true;
  const { element, click } = shown(ENDED);
  click("Next step");
  assert.equal(lookedAt(element), "0");
  click("Next step");
  assert.equal(lookedAt(element), "1");
  motion.matches = false;
});

test("the time that is left is counted down", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const waiting = run({ state: "waits_for_person", waits_until: "2026-01-01T00:01:05Z" });
  assert.match(leftOf(waiting, now), /1 min 5 s/);
  assert.equal(leftOf(run()), "");
  assert.match(stateOf(run({ state: "ended", reason: "declined" })), /Declined/);
});

test("who ended a task is named", () => {
  const alice = { name: "Alice" };
  const checks = [{ ...CHECK, decision: "decline", decided_by: alice }];
  const declined = { state: "ended", reason: "declined", steps: [step(0), step(1, { checks })] };
  assert.equal(stateOf(run(declined)), "Alice declined, so the task ended");
  const stopped = { state: "ended", reason: "stopped", stopped_by: { name: "Bob" } };
  assert.equal(stateOf(run(stopped)), "Bob stopped it");
});

test("actions that nobody knows are named and harm nothing", () => {
  assert.equal(actionsOf(step(1, { actions: [{ type: "yodel" }, { type: "keypress" }] })), "yodel, press ");
});

test("an older state of a run doesn't take the place of a newer one", () => {
  const listeners = { changed: () => {}, listed: () => {}, conversationChanged: () => {}, read: () => {} };
  const store = new ConversationStore(listeners);
  store.takeRun(run({ steps: [step(0), step(1, { revision: 3 })] }));
  store.takeRun(run({ state: "queued", steps: [step(0)] }));
  assert.equal(store.runs.get("t").steps.length, 2);
  store.takeRun(run({ attempt: 2, id: "other", steps: [] }));
  assert.equal(store.runs.get("t").id, "other");
});
