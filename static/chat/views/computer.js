/** A task in a browser: the picture with what was done drawn on it, the steps, and what a person has to decide. */

import { h, icon, setText } from "../dom.js";
import { strings } from "../strings.js";
import { Replay } from "./replay.js";

const words = strings.computer;
const SVG = "http://www.w3.org/2000/svg";
/** How far from the place of an action its ring is drawn. */
const RING = 14;

export class ComputerView {
  /** @param {{steer: (command: object) => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.state = h("p", { class: "computer-state", role: "status" });
    this.buttons = h("div", { class: "computer-buttons" });
    this.stage = h("figure", { class: "computer-stage" });
    this.card = h("div", { class: "computer-card" });
    this.steps = h("ol", { class: "computer-steps" });
    this.replay = new Replay(
      () => this.#seen(),
      () => this.#looked(),
      step => this.#show(step),
    );
    this.element = h(
      "section",
      { class: "computer", "aria-label": words.title, onkeydown: event => this.#turn(event) },
      h("div", { class: "computer-head" }, icon("monitor"), this.state, this.buttons),
      this.card,
      this.stage,
      this.steps,
    );
    /** The number of the step that is looked at; null follows the newest. */
    this.chosen = null;
  }

  /** @param {object} run as docs/protocol.md has it */
  draw(run) {
    this.run = run;
    setText(this.state, stateOf(run));
    const key = `${run.revision} ${run.steps.map(step => step.revision)} ${this.chosen}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.#drawButtons();
    this.#drawCard();
    this.#drawStage();
    this.#drawSteps();
  }

  #drawButtons() {
    const { id, state } = this.run;
    const button = (command, label) => {
      const onclick = () => this.actions.steer({ type: command, run: id });
      return h("button", { type: "button", class: "button plain", onclick }, label);
    };
    const offered = {
      running: () => [button("computer.pause", words.pause)],
      paused: () => [button("computer.resume", words.resume)],
    };
    const isReplayed = state === "ended" && this.#seen().length > 1;
    // It keeps the focus while slides pass.
    if (isReplayed && this.buttons.contains(this.replay.button)) return;
    this.buttons.replaceChildren(...(isReplayed ? [this.replay.button] : (offered[state]?.() ?? [])));
  }

  #drawCard() {
    const step = this.run.steps.find(each => each.state === "asks");
    const hadFocus = this.card.contains(document.activeElement);
    this.card.replaceChildren(...(step ? this.#asked(step) : []));
    if (hadFocus && !step) this.steps.querySelector("[aria-current]")?.focus();
  }

  #asked(step) {
    const page = this.run.steps.findLast(each => each.url)?.url;
    const answer = (command, label, look) => {
      const onclick = () => this.actions.steer({ type: command, step: step.id });
      return h("button", { type: "button", class: `button ${look}`, onclick }, label);
    };
    const checks = step.checks.map(({ code, message }) =>
      h("li", {}, h("code", {}, code || words.unnamedCheck), " ", message),
    );
    return [
      h("h3", {}, icon("shield"), checks.length ? words.asksCheck : words.asksStep),
      checks.length ? h("ul", {}, ...checks) : null,
      h("dl", {}, h("dt", {}, words.action), h("dd", {}, actionsOf(step))),
      page ? h("dl", {}, h("dt", {}, words.page), h("dd", {}, page)) : null,
      h(
        "div",
        { class: "computer-answers" },
        answer("computer.proceed", words.proceed, "primary"),
        answer("computer.decline", words.decline, "plain"),
      ),
    ].filter(Boolean);
  }

  #seen() {
    return this.run.steps.filter(step => step.screenshot);
  }

  #looked() {
    const seen = this.#seen();
    return seen.find(step => step.number === this.chosen) ?? seen.at(-1);
  }

  #drawStage() {
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
    const rows = this.run.steps.map(step => this.#row(step, step.number === looked));
    this.steps.replaceChildren(...rows);
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
    );
  }

  #choose(step) {
    this.#show(step);
    this.steps.querySelector("[aria-current]")?.focus();
  }

  #show(step) {
    const wasHere = this.steps.contains(document.activeElement);
    this.chosen = step === this.#seen().at(-1) ? null : step.number;
    this.draw(this.run);
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

/** One line for people: how it stands, and for how long it waits. */
export function stateOf(run, now = Date.now()) {
  if (run.state === "ended") return endOf(run);
  if (run.state === "waits_for_person" && run.waits_until)
    return words.waits(Math.max(0, Math.round((new Date(run.waits_until) - now) / 1000)));
  const said = words.states[run.state] ?? run.state;
  return run.told ? `${said}. ${run.told}` : said;
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
  const where = [step.title, step.url].filter(Boolean).join(", ");
  return [words.step(step.number, actionsOf(step)), where, ...step.notes, step.is_stale ? words.stale : ""]
    .filter(Boolean)
    .map(said => said.replace(/\.$/, ""))
    .join(". ");
}

function pictureOf(step) {
  return `/api/responses/${step.response}/files/${step.screenshot}/`;
}

function drawnOn(step, { width, height }) {
  const place = step.actions.findLast(action => Number.isFinite(action?.x) && Number.isFinite(action?.y));
  const at = place ? [place.x, place.y] : step.pointer;
  const svg = made("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const path = step.actions.find(action => Array.isArray(action?.path))?.path;
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
