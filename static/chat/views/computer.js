/** A task in a browser: the picture with what was done drawn on it, the steps, and what a person has to decide. */

import { fill, h, icon, setText } from "../dom.js";
import { strings } from "../strings.js";
import { askedOf } from "./asking.js";
import { Hand } from "./hand.js";
import { Replay } from "./replay.js";
import { Typing } from "./typing.js";

const words = strings.computer;
const SVG = "http://www.w3.org/2000/svg";
/** How far from the place of an action its ring is drawn. */
const RING = 14;
/** From when on the time is told that is left to do something. */
const IDLE_SECONDS = 120;

export class ComputerView {
  /**
   * @param {{me: object, steer: (command: object) => void}} actions and those that scroll: `show(element)` and, unless
   *   somebody reads further up, `reveal(element)`; `back()` to the end
   */
  constructor(actions) {
    this.actions = actions;
    this.state = h("p", { class: "computer-state", role: "status" });
    /** Counts down, which nobody wants read to them. */
    this.left = h("span", { class: "computer-left" });
    this.buttons = h("div", { class: "computer-buttons" });
    this.stage = h("figure", { class: "computer-stage" });
    this.card = h("div", { class: "computer-card", "aria-live": "polite" });
    this.steps = h("ol", { class: "computer-steps" });
    this.hand = new Hand(
      command => this.actions.steer({ ...command, run: this.run.id }),
      () => this.buttons.querySelector("button")?.focus(),
    );
    this.typing = new Typing(this.hand);
    this.replay = new Replay(
      () => this.#seen(),
      () => this.#looked(),
      step => this.#show(step),
    );
    this.element = h(
      "section",
      { class: "computer", "aria-label": words.title, onkeydown: event => this.#turn(event) },
      h("div", { class: "computer-head" }, icon("monitor"), this.state, this.left, this.buttons),
      this.card,
      this.stage,
      this.steps,
    );
    /** The number of the step that is looked at; null follows the newest. */
    this.chosen = null;
    this.asked = "";
  }

  /** @param {object} run and @param {object} [sight] as docs/protocol.md has them */
  draw(run, sight) {
    this.run = run;
    const isMine = isHandOf(run, this.actions.me);
    this.seen = sight;
    this.sight = this.#isLive(sight) ? sight : null;
    setText(this.state, isMine ? words.inYourHand : stateOf(run));
    setText(this.left, isMine ? idleOf(this.sight) : leftOf(run));
    if (this.hand.isMine && !isMine) this.actions.back();
    this.hand.allow(isMine);
    if (this.sight) this.#drawSight(isMine);
    const key = `${run.revision} ${run.steps.map(step => step.revision)} ${this.chosen} ${Boolean(this.sight)}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.#drawButtons();
    this.#drawCard();
    this.#drawStage();
    this.#drawSteps();
  }

  #steer(command) {
    this.isTaking = command.type === "computer.take";
    this.actions.steer(command);
  }

  #drawButtons() {
    const { id, state } = this.run;
    const button = (command, label, look = "plain") => {
      const onclick = () => this.#steer({ type: command, run: id });
      return h("button", { type: "button", class: `button ${look}`, onclick }, label);
    };
    const take = () => button("computer.take", words.take);
    const offered = {
      running: () => [button("computer.pause", words.pause), take()],
      paused: () => [button("computer.resume", words.resume), take()],
      person_has_hand: () => [button("computer.give", words.give, this.hand.isMine ? "primary" : "plain")],
    };
    const isReplayed = state === "ended" && this.#seen().length > 1;
    // It keeps the focus while slides pass.
    if (isReplayed && this.buttons.contains(this.replay.button)) return;
    const hadFocus = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...(isReplayed ? [this.replay.button] : (offered[state]?.() ?? [])));
    if (hadFocus) this.buttons.querySelector("button")?.focus();
  }

  /** Told to those who don't see it as it comes, once; it is brought into sight unless somebody reads further up. */
  #drawCard() {
    const asked = askedOf(this.run, actionsOf, command => this.#steer(command));
    if (asked.key === this.asked) return;
    this.asked = asked.key;
    const hadFocus = this.card.contains(document.activeElement);
    this.card.replaceChildren(...asked.draw());
    if (asked.key) this.actions.reveal(this.card);
    else this.actions.back();
    if (!asked.key && hadFocus) this.steps.querySelector("[aria-current]")?.focus();
  }

  #seen() {
    return this.run.steps.filter(step => step.screenshot);
  }

  #looked() {
    const seen = this.#seen();
    return seen.find(step => step.number === this.chosen) ?? seen.at(-1);
  }

  /** What a person sees who has the page in hand, or what became of it since the newest step. */
  #isLive(sight) {
    if (!sight || this.run.state === "ended") return false;
    const isOfPerson = sight.step === undefined;
    if (isOfPerson || this.run.hand_of) return isOfPerson && Boolean(this.run.hand_of);
    // A step's picture comes before the step says that it is done.
    return this.chosen === null && sight.step >= (this.#looked()?.number ?? 0);
  }

  /** A new picture several times in a second: nothing else is drawn anew. */
  #drawSight(isMine) {
    const step = this.run.hand_of ? null : this.#looked();
    const said = toldOf(this.sight, step);
    this.hand.show(this.sight, this.run, step && drawnOn(step, this.run));
    if (isMine) this.typing.draw(this.sight);
    else this.hand.name(step ? said : strings.hand.seen);
    this.caption ??= h("figcaption", {});
    setText(this.caption, said);
    this.stage.hidden = false;
    fill(this.stage, this.hand.element, this.caption, isMine && this.typing.element);
    if (isMine && this.isTaking) this.#lead();
  }

  /** To the page, for whoever took it just now. */
  #lead() {
    this.isTaking = false;
    this.hand.element.focus({ preventScroll: true });
    this.actions.show(this.hand.element);
  }

  #drawStage() {
    if (this.sight) return;
    const step = this.#looked();
    this.stage.hidden = !step;
    if (!step) return;
    const { width, height } = this.run;
    const picture = h("img", { src: pictureOf(step), alt: told(step), width, height });
    const caption = h("figcaption", {}, told(step));
    const frame = h("div", { class: "computer-picture" }, picture, drawnOn(step, this.run));
    this.stage.replaceChildren(frame, caption);
  }

  #drawSteps() {
    const looked = this.#looked()?.number;
    const { steps } = this.run;
    const before = this.steps.childElementCount;
    while (this.steps.childElementCount > steps.length) this.steps.lastElementChild.remove();
    for (const [at, step] of steps.entries())
      this.#drawRow(step, this.steps.children[at], step.number === looked);
    // Whoever follows the newest sees it come.
    if (steps.length > before && this.chosen === null) this.steps.scrollLeft = this.steps.scrollWidth;
  }

  /** A row that says the same stays: of many steps one or two change at a time. */
  #drawRow(step, before, isLooked) {
    const key = `${step.id} ${step.revision} ${isLooked}`;
    if (before?.dataset.key === key) return;
    const row = this.#row(step, isLooked);
    row.dataset.key = key;
    const hadFocus = before?.contains(document.activeElement);
    if (before) before.replaceWith(row);
    else this.steps.append(row);
    if (hadFocus) row.querySelector("button").focus();
  }

  #row(step, isLooked) {
    const onclick = () => {
      this.replay.stop();
      this.#choose(step);
    };
    const took = step.ended_at && step.started_at && new Date(step.ended_at) - new Date(step.started_at);
    const thumbnail = step.screenshot && h("img", { src: pictureOf(step), alt: "", loading: "lazy" });
    const time = took !== null && took !== undefined && took !== "" ? words.took(took / 1000) : "";
    return h(
      "li",
      { "data-state": step.state },
      h(
        "button",
        { type: "button", onclick, disabled: !step.screenshot, "aria-current": isLooked && "step" },
        thumbnail,
        h("span", { class: "computer-did" }, actionsOf(step)),
        h("span", { class: "computer-meta" }, [words.steps[step.state] ?? step.state, time].join(" ").trim()),
      ),
      h("p", { class: "visually-hidden" }, seenIn(step)),
    );
  }

  #choose(step) {
    this.#show(step);
    this.steps.querySelector("[aria-current]")?.focus();
  }

  #show(step) {
    const wasHere = this.steps.contains(document.activeElement);
    this.chosen = step === this.#seen().at(-1) ? null : step.number;
    this.draw(this.run, this.seen);
    const row = this.steps.querySelector("[aria-current]");
    if (wasHere) row?.focus();
    if (row)
      this.steps.scrollLeft += row.getBoundingClientRect().left - this.steps.getBoundingClientRect().left;
  }

  #turn(event) {
    const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (this.run.state === "ended" && isPlain && this.replay.turn(event.key)) event.preventDefault();
  }
}

/** For how long it waits for somebody. */
export function leftOf(run, now = Date.now()) {
  if (!run.waits_until) return "";
  return words.left(Math.max(0, Math.round((new Date(run.waits_until) - now) / 1000)));
}

/** For whoever does nothing with the page in hand. */
function idleOf(sight) {
  return sight?.seconds_left < IDLE_SECONDS ? words.idle(sight.seconds_left) : "";
}

function isHandOf(run, person) {
  return Boolean(run.hand_of) && run.hand_of.username === person?.username;
}

/** One line for people: how it stands. */
export function stateOf(run) {
  if (run.state === "ended") return endOf(run);
  if (run.hand_of) return words.inHandOf(run.hand_of.name);
  const said = words.states[run.state] ?? run.state;
  // The card says what it waits for.
  return run.told && run.state !== "waits_for_person" ? `${said}. ${run.told}` : said;
}

/** Why it is over, and whose word that was. */
function endOf(run) {
  const decided = run.steps.flatMap(({ checks, confirmed_by: by }) => [
    by,
    ...checks.map(each => each.decided_by),
  ]);
  const by =
    run.reason === "stopped" ? run.stopped_by : run.reason === "declined" && decided.findLast(Boolean);
  return by ? words.endedBy[run.reason](by.name) : (words.ends[run.reason] ?? run.reason);
}

/** What a step did, in words. */
export function actionsOf(step) {
  if (step.number === 0) return words.firstLook;
  return step.actions.map(action => words.actions[action.type]?.(action) ?? String(action.type)).join(", ");
}

/** Everything that a picture and its step say, for those who don't see it. */
export function told(step) {
  return [words.step(step.number, actionsOf(step)), seenIn(step)].filter(Boolean).join(". ");
}

/** The page after a step, and what else happened. */
function seenIn(step) {
  const where = [step.title, step.url].filter(Boolean).join(", ");
  return [where, ...step.notes, step.is_stale ? words.stale : ""]
    .filter(Boolean)
    .map(said => said.replace(/\.$/, ""))
    .join(". ");
}

/** What is to be seen just now; of a step's page all that the step says. */
function toldOf({ title, url }, step) {
  const now = [title, url].filter(Boolean).join(", ");
  if (!step) return now;
  const isSame = step.title === title && step.url.split(/[?#]/)[0] === url;
  return isSame ? told(step) : `${told(step)}. ${words.now(now)}`;
}

function pictureOf(step) {
  return `/api/responses/${step.response}/files/${step.screenshot}/`;
}

function drawnOn(step, { width, height }) {
  const isDone = step.state !== "not_done";
  const place =
    isDone && step.actions.findLast(action => Number.isFinite(action?.x) && Number.isFinite(action?.y));
  const at = place ? [place.x, place.y] : step.pointer;
  const svg = made("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const path = isDone && step.actions.find(action => Array.isArray(action?.path))?.path;
  if (path) svg.append(made("polyline", { points: path.map(({ x, y }) => `${x},${y}`).join(" ") }));
  if (at)
    svg.append(
      made("circle", { cx: at[0], cy: at[1], r: RING }),
      made("circle", { cx: at[0], cy: at[1], r: 3 }),
    );
  return svg;
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
