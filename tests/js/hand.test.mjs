import "./page.mjs";
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

globalThis.matchMedia = () => ({ matches: false });

const { ConversationStore } = await import("../../static/chat/store.js");
const { ComputerView } = await import("../../static/chat/views/computer.js");

const ALICE = { username: "alice", name: "Alice" };
const RUN = {
  ...{ id: "run", turn: "t", attempt: 1, state: "person_has_hand", reason: "", told: "", revision: 1 },
  ...{ width: 1024, height: 768, waits_until: null, steps: [], hand_of: ALICE },
};
const SIGHT = {
  ...{ run: "run", turn: "t", picture: "AAAA", media_type: "image/jpeg", url: "https://shop.example.com/" },
  ...{ title: "Shop", focus: "", is_secret: false, notes: [] },
};

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] }));
afterEach(() => mock.timers.reset());

/** The page in the hand of `person`, at half its size. */
function inHand(person = ALICE, sight = SIGHT) {
  const sent = [];
  const view = new ComputerView({
    me: person,
    steer: command => sent.push(command),
    reveal: () => {},
    back: () => {},
  });
  document.body.replaceChildren(view.element);
  view.draw(RUN, sight);
  const surface = view.element.querySelector(".computer-hand");
  const picture = surface.querySelector("img");
  picture.getBoundingClientRect = () => ({ left: 100, top: 50, width: 512, height: 384 });
  surface.setPointerCapture = () => {};
  mock.timers.tick(1000);
  const fire = (type, fields) =>
    surface.dispatchEvent(Object.assign(new window.Event(type, { bubbles: true, cancelable: true }), fields));
  const acts = () => (mock.timers.tick(1000), sent.slice(1).flatMap(({ actions }) => actions));
  return { view, element: view.element, surface, picture, sent, fire, acts };
}

function key(surface, name, fields = {}) {
  const event = new window.KeyboardEvent("keydown", {
    key: name,
    bubbles: true,
    cancelable: true,
    ...fields,
  });
  surface.dispatchEvent(event);
  return event;
}

const at = (clientX, clientY) => ({ clientX, clientY, button: 0, pointerId: 1, pointerType: "mouse" });

test("the picture of now is shown, and the page says that it is there", () => {
  const { picture, sent, element } = inHand();
  assert.equal(picture.getAttribute("src"), "data:image/jpeg;base64,AAAA");
  assert.deepEqual(sent, [{ type: "computer.act", actions: [], run: "run" }]);
  assert.equal(element.querySelector(".computer-state").textContent, "You have mouse and keyboard");
  mock.timers.tick(20_000);
  assert.equal(sent.length, 2);
});

test("clicks, double clicks and drags arrive where they were made", () => {
  const { fire, acts } = inHand();
  fire("pointerdown", at(356, 242));
  fire("pointerup", at(357, 242));
  fire("pointerdown", at(356, 242));
  fire("pointerup", at(356, 242));
  fire("pointerdown", at(100, 50));
  fire("pointermove", at(150, 50));
  fire("pointerup", at(9999, 9999));
  assert.deepEqual(acts(), [
    { type: "click", button: "left", x: 514, y: 384, keys: [] },
    { type: "double_click", x: 512, y: 384, keys: [] },
    {
      type: "drag",
      path: [
        { x: 0, y: 0 },
        { x: 100, y: 0 },
        { x: 1023, y: 767 },
      ],
      keys: [],
    },
  ]);
});

test("a finger that moves scrolls, and so does the wheel", () => {
  const { fire, acts } = inHand();
  fire("pointerdown", { ...at(356, 242), pointerType: "touch" });
  fire("pointerup", { ...at(356, 192), pointerType: "touch" });
  fire("wheel", { ...at(356, 242), deltaX: 0, deltaY: 3, deltaMode: 1 });
  assert.deepEqual(acts(), [{ type: "scroll", x: 512, y: 384, scroll_x: 0, scroll_y: 148 }]);
});

test("keys go to the page, letters as text, and Escape twice leaves it", () => {
  const { surface, acts, element } = inHand();
  surface.focus();
  for (const name of ["h", "I", " "]) key(surface, name);
  key(surface, "@", { ctrlKey: true, altKey: true, modifierAltGraph: true });
  key(surface, "a", { metaKey: true });
  assert.ok(key(surface, "Tab", { shiftKey: true }).defaultPrevented);
  assert.ok(!key(surface, "v", { ctrlKey: true }).defaultPrevented);
  key(surface, "Escape");
  key(surface, "Escape");
  assert.deepEqual(acts(), [
    { type: "type", text: "hI @" },
    { type: "keypress", keys: ["CTRL", "a"] },
    { type: "keypress", keys: ["SHIFT", "Tab"] },
    { type: "keypress", keys: ["Escape"] },
  ]);
  assert.equal(document.activeElement, element.querySelector(".computer-buttons button"));
});

test("who doesn't see the picture goes to an address, types and presses keys, and hears where", () => {
  const { view, element, sent, acts } = inHand();
  const [visiting, writing] = element.querySelectorAll("form");
  const submit = form => form.dispatchEvent(new window.Event("submit", { cancelable: true }));
  visiting.querySelector("input").value = " shop.example.com/cart ";
  submit(visiting);
  assert.deepEqual(sent.at(-1), { type: "computer.visit", url: "shop.example.com/cart", run: "run" });
  writing.querySelector("input").value = "lamp";
  submit(writing);
  [...element.querySelectorAll(".computer-keys button")]
    .find(({ textContent }) => textContent === "Enter")
    .click();
  assert.deepEqual(acts().slice(1), [
    { type: "type", text: "lamp" },
    { type: "keypress", keys: ["ENTER"] },
  ]);
  view.draw(RUN, { ...SIGHT, picture: "BBBB", focus: "Password, password", is_secret: true });
  assert.equal(writing.querySelector("input").type, "password");
  assert.match(element.querySelector(".computer-typing [role=status]").textContent, /Password, password/);
});

test("what the page says is read when it is asked for, and goes with the page", () => {
  const { view, sent } = inHand();
  const store = new ConversationStore({ changed: () => {} });
  const said = () => document.querySelector(".computer-words");
  assert.ok(said().hidden);
  [...document.querySelectorAll(".computer-keys button")].at(-1).click();
  assert.deepEqual(sent.at(-1), { type: "computer.read", run: "run" });
  for (const change of [{ text: "Welcome" }, { picture: "BBBB" }]) {
    store.takeSight({ ...SIGHT, ...change });
    view.draw(RUN, store.sights.get("run"));
    assert.deepEqual([said().textContent, document.activeElement], ["Welcome", said()]);
  }
  store.takeSight({ ...SIGHT, url: "https://shop.example.com/cart" });
  view.draw(RUN, store.sights.get("run"));
  assert.ok(said().hidden);
});

test("others see the same page and whose hand it is in, and nothing that they do reaches it", () => {
  const { element, surface, sent, fire, acts } = inHand({ username: "bob" });
  assert.equal(element.querySelector(".computer-state").textContent, "Alice has mouse and keyboard");
  assert.equal(surface.getAttribute("role"), "img");
  assert.equal(element.querySelector(".computer-typing"), null);
  fire("pointerdown", at(356, 242));
  fire("pointerup", at(356, 242));
  key(surface, "x");
  assert.deepEqual([acts(), sent], [[], []]);
});

test("who does nothing is told when the task will end", () => {
  const { view, element } = inHand(ALICE, { ...SIGHT, seconds_left: 300 });
  const left = () => element.querySelector(".computer-left").textContent;
  assert.equal(left(), "");
  view.draw(RUN, { ...SIGHT, seconds_left: 65 });
  assert.equal(left(), "Ends in 1 min 5 s unless you do something");
});

test("a hand that is given back sends nothing more", () => {
  const { view, surface, sent } = inHand();
  key(surface, "x");
  key(surface, "y");
  mock.timers.tick(0);
  view.draw({ ...RUN, state: "running", hand_of: null, revision: 2 }, SIGHT);
  const before = sent.length;
  mock.timers.tick(60_000);
  assert.equal(sent.length, before);
});
