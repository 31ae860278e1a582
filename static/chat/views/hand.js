/** The page that a person has in hand: what is done on its picture goes to the browser, several acts at a time. */

import { fill, h } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.hand;

/** Between two messages; a socket takes four in a second. */
const PAUSE_MS = 320;
const MOST_ACTS = 100;
const MOST_TEXT = 20_000;
/** A page that says nothing for 90 seconds is taken for closed. */
const HERE_MS = 20_000;
/** In pixels of the page: a pointer that moved further drags, one that comes back as near clicks twice. */
const STILL = 4;
const TWICE_MS = 500;
/** A pointer that rests is told, for what shows under it. */
const REST_MS = 150;
const LEAVE_MS = 1000;
/** Of the wheel's lines and pages, in pixels. */
const WHEEL = [1, 16, 400];
const BUTTONS = ["left", "wheel", "right", "back", "forward"];
const UNTOLD = ["Control", "Alt", "AltGraph", "Shift", "Meta", "Dead", "Process", "Unidentified"];

export class Hand {
  /** @param {(command: object) => void} send @param {() => void} leave takes the focus where the keyboard is free again */
  constructor(send, leave) {
    Object.assign(this, { send, leave, acts: [], isMine: null });
    this.picture = h("img", { alt: "", draggable: "false" });
    this.element = h("div", { class: "computer-picture computer-hand" }, this.picture);
    const on = (type, act, options) =>
      this.element.addEventListener(type, event => this.isMine && act(event), options);
    on("pointerdown", event => this.#press(event));
    on("pointermove", event => this.#move(event));
    on("pointerup", event => this.#release(event));
    on("pointercancel", () => (this.path = null));
    on("contextmenu", event => event.preventDefault());
    on("wheel", event => this.#wheel(event), { passive: false });
    on("keydown", event => this.#key(event));
    on("paste", event => this.#paste(event));
  }

  /** @param {{picture: string, media_type: string}} sight @param {object} run @param {Node|false} drawn on it */
  show({ picture, media_type: type }, { width, height }, drawn) {
    if (drawn || this.element.childElementCount > 1) fill(this.element, this.picture, drawn);
    if (picture === this.shown) return;
    this.shown = picture;
    Object.assign(this, { width, height });
    this.picture.width = width;
    this.picture.height = height;
    this.picture.src = `data:${type};base64,${picture}`;
  }

  /** For those who don't see it. */
  name(said) {
    if (this.element.getAttribute("aria-label") !== said) this.element.setAttribute("aria-label", said);
  }

  /** Whether what is done here counts. */
  allow(isMine) {
    if (isMine === this.isMine) return;
    this.isMine = isMine;
    this.element.tabIndex = isMine ? 0 : -1;
    this.element.setAttribute("role", isMine ? "application" : "img");
    this.name(isMine ? words.surface : words.seen);
    clearInterval(this.here);
    if (!isMine) return;
    this.send({ type: "computer.act", actions: [] });
    this.here = setInterval(() => this.#sayHere(), HERE_MS);
  }

  /** The view of a conversation that was left is not there any more. */
  #sayHere() {
    if (this.element.isConnected) this.send({ type: "computer.act", actions: [] });
    else clearInterval(this.here);
  }

  #place({ clientX, clientY }) {
    const box = this.picture.getBoundingClientRect();
    const at = (value, start, size, most) =>
      Math.max(0, Math.min(most - 1, Math.round(((value - start) / size) * most)));
    return {
      x: at(clientX, box.left, box.width, this.width),
      y: at(clientY, box.top, box.height, this.height),
    };
  }

  #press(event) {
    clearTimeout(this.resting);
    this.path = [this.#place(event)];
    this.element.setPointerCapture(event.pointerId);
    this.element.focus({ preventScroll: true });
    event.preventDefault();
  }

  #move(event) {
    const at = this.#place(event);
    if (this.path) {
      if (!isNear(at, this.path.at(-1)) && this.path.length < MOST_ACTS) this.path.push(at);
    } else if (event.pointerType === "mouse") {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.act({ type: "move", ...at }), REST_MS);
    }
  }

  #release(event) {
    const { path } = this;
    this.path = null;
    if (!path) return;
    const to = this.#place(event);
    const keys = held(event);
    if (path.length === 1 && isNear(path[0], to)) this.#click(to, BUTTONS[event.button] ?? "left", keys);
    else if (event.pointerType === "touch") this.scroll(path[0], path[0].x - to.x, path[0].y - to.y);
    else this.act({ type: "drag", path: [...path, to], keys });
  }

  #click(at, button, keys) {
    const now = Date.now();
    const { last } = this;
    const isSecond = last && button === "left" && now - last.time < TWICE_MS && isNear(last.at, at);
    this.last = isSecond || button !== "left" ? null : { at, time: now };
    this.act(isSecond ? { type: "double_click", ...at, keys } : { type: "click", button, ...at, keys });
  }

  #wheel(event) {
    event.preventDefault();
    const by = WHEEL[event.deltaMode] ?? 1;
    this.scroll(this.#place(event), Math.round(event.deltaX * by), Math.round(event.deltaY * by));
  }

  scroll(at, x, y) {
    const last = this.acts.at(-1);
    if (last?.type !== "scroll") return this.act({ type: "scroll", ...at, scroll_x: x, scroll_y: y });
    last.scroll_x += x;
    last.scroll_y += y;
  }

  #key(event) {
    const { key } = event;
    if (event.isComposing || UNTOLD.includes(key)) return;
    const keys = held(event);
    const isText = key.length === 1 && (!keys.includes("CTRL") || event.getModifierState("AltGraph"));
    const isPasting = keys.includes("CTRL") && key.toLowerCase() === "v";
    if (isPasting && !isText) return;
    event.preventDefault();
    event.stopPropagation();
    if (key === "Escape" && this.#isLeaving()) return this.leave();
    if (isText) this.type(key);
    else this.press(...keys, key);
  }

  /** The first Escape is the page's, the second soon after it is ours. */
  #isLeaving() {
    const before = this.escapedAt ?? -LEAVE_MS;
    this.escapedAt = Date.now();
    return this.escapedAt - before < LEAVE_MS;
  }

  #paste(event) {
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain");
    if (text) this.type(text);
  }

  type(text) {
    const last = this.acts.at(-1);
    if (last?.type === "type" && last.text.length + text.length < MOST_TEXT) last.text += text;
    else this.act({ type: "type", text: text.slice(0, MOST_TEXT) });
  }

  press(...keys) {
    this.act({ type: "keypress", keys });
  }

  act(act) {
    if (act.type === "move" && this.acts.at(-1)?.type === "move") this.acts.pop();
    this.acts.push(act);
    this.timer ??= setTimeout(() => this.#flush(), this.#wait());
  }

  #wait() {
    return Math.max(0, (this.sentAt ?? 0) + PAUSE_MS - Date.now());
  }

  #flush() {
    this.timer = null;
    const acts = this.acts.splice(0, MOST_ACTS);
    if (!this.isMine) this.acts = [];
    else this.send({ type: "computer.act", actions: acts });
    this.sentAt = Date.now();
    if (this.acts.length) this.timer = setTimeout(() => this.#flush(), PAUSE_MS);
  }
}

const isNear = (one, other) => Math.abs(one.x - other.x) <= STILL && Math.abs(one.y - other.y) <= STILL;

/** The browser runs where Command is Control. */
function held({ ctrlKey, metaKey, altKey, shiftKey, key }) {
  const isWritten = key?.length === 1;
  return [
    (ctrlKey || metaKey) && "CTRL",
    altKey && !isWritten && "ALT",
    shiftKey && !isWritten && "SHIFT",
  ].filter(Boolean);
}
