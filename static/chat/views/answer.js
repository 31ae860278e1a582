/** One answer: its words, the state it is in, and what stands below it when it has ended. */

import { answerText, canRetry, stateOfRounds, textsOf } from "../content.js";
import { fill, h, icon, setText } from "../dom.js";
import { daysUntil, formatDate, formatMoney, formatSeconds, secondsBetween } from "../format.js";
import { strings } from "../strings.js";
import { isTerminal } from "../transcript.js";
import { copy, iconButton, pill } from "./bits.js";
import { Items } from "./items.js";
import { Stopwatch } from "./stopwatch.js";
import { isTrouble, troubleOf } from "./trouble.js";

const STILL = new Set(["waiting", "forApproval", "forPerson"]);
const TIMED = new Set(["thinking", "working", "writing"]);

export class AnswerView {
  /** @param {{retry: (turn: string) => void, receipt: (response: string, opener: HTMLElement) => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.rounds = h("div", { class: "answer-rounds" });
    this.views = [];
    this.stopwatch = new Stopwatch();
    this.after = h("div", { class: "answer-after" });
    this.foot = h("div", { class: "answer-foot" });
    this.element = h(
      "article",
      { class: "answer", "aria-label": strings.answer },
      h("h2", { class: "visually-hidden" }, strings.answer),
      ...[this.rounds, this.after, this.foot],
    );
    this.footFor = null;
  }

  /**
   * @param {object[]} rounds of one attempt: responses, of which each but the first brings what tools said
   * @param {HTMLElement|null} attempts the pager, where there was more than one
   * @returns {boolean} whether the next frame has more to show
   */
  draw(rounds, attempts, now) {
    const state = stateOfRounds(rounds);
    const response = rounds.at(-1);
    const isOpen = !isTerminal(response);
    this.element.dataset.state = state;
    this.element.dataset.attempt = response.attempt;
    this.element.toggleAttribute("aria-busy", isOpen && !STILL.has(state));
    const isBehind = this.#drawRounds(rounds, now);
    if (isOpen) this.#drawState(state, response);
    else this.#drawEnd(rounds, attempts);
    return isBehind;
  }

  #drawRounds(rounds, now) {
    while (this.views.length < rounds.length) {
      this.views.push(new Items(this.actions));
      this.rounds.append(this.views.at(-1).element);
    }
    const drawn = rounds.map((response, index) => this.views[index].draw(response, now));
    return drawn.some(Boolean);
  }

  #drawState(state, response) {
    const elapsed = this.stopwatch.seconds(response);
    const isTimed = TIMED.has(state);
    if (this.footFor !== state) {
      this.footFor = state;
      this.after.replaceChildren();
      this.stateText = h("span", {}, strings.states[state]);
      const mark = STILL.has(state)
        ? icon("hourglass")
        : h("span", { class: "beat", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
      const quiet = state === "writing" ? "state is-quiet" : "state";
      this.foot.replaceChildren(h("span", { class: quiet }, mark, this.stateText));
    }
    if (isTimed && elapsed >= 1)
      setText(this.stateText, `${strings.states[state]} · ${strings.seconds(elapsed)}`);
  }

  #drawEnd(rounds, attempts) {
    const response = rounds.at(-1);
    const texts = rounds.flatMap(textsOf);
    const drawn = `${response.id} ${response.revision} ${response.status} ${Boolean(attempts)}`;
    if (this.footFor === drawn && (!attempts || this.foot.contains(attempts))) return;
    this.footFor = drawn;
    const retryWithout = choice => this.actions.retry(response.turn, [choice]);
    const retry = canRetry(response) ? () => this.actions.retry(response.turn) : null;
    const leaveOutOldest = () => this.actions.retry(response.turn, [], { truncation: "auto" });
    const shorter = retry && this.actions.mayLeaveOutOldest?.() ? leaveOutOldest : null;
    fill(
      this.after,
      erasedNote(response) ||
        (isTrouble(response) && troubleOf(response, texts.length > 0, retry, retryWithout, shorter)),
    );
    this.foot.replaceChildren(
      ...[this.#stoppedPill(response), verdictPill(response), this.#meta(rounds), attempts].filter(Boolean),
    );
    this.foot.append(this.#actionsOf(rounds, texts, retry));
  }

  #stoppedPill(response) {
    if (response.status !== "cancelled") return null;
    const by = response.stopped?.by;
    return pill("stopped", "square", by ? strings.stoppedBy(by.name) : strings.states.cancelled);
  }

  #meta(rounds) {
    const response = rounds.at(-1);
    const words = metaOf(rounds).map(word => h("span", {}, word));
    const open = event => this.actions.receipt(response.id, event.currentTarget);
    const attributes = { type: "button", class: "meta", title: strings.openReceipt, onclick: open };
    const label = h("span", { class: "visually-hidden" }, `${strings.receipt.title}: `);
    return h(
      "button",
      { ...attributes, "aria-expanded": "false", "aria-controls": "receipt" },
      label,
      ...words,
    );
  }

  #actionsOf(rounds, texts, retry) {
    const copyAnswer = event =>
      copy(rounds.map(answerText).filter(Boolean).join("\n\n"), event.currentTarget);
    return h(
      "div",
      { class: "actions" },
      texts.length && iconButton("copy", strings.copyAnswer, copyAnswer),
      retry && !isTrouble(rounds.at(-1)) && iconButton("rotate-cw", strings.retry, retry),
    );
  }
}

/** Whether the answer has the form that was asked for; nothing where none was. */
function verdictPill({ verdict }) {
  if (!verdict) return null;
  const words = strings.verdict;
  if (verdict.fits) return pill("stored", "check", words.fits);
  return pill("failed", "circle-alert", (words[verdict.why] ?? words.mismatch)(verdict));
}

const erasedNote = ({ erased_at: at }) =>
  at && h("p", { class: "erased" }, icon("eraser"), strings.answerErased(formatDate(at)));

/** @returns {string[]} what the quiet line below an answer says: of all its rounds, without the time that people took */
export function metaOf(rounds) {
  const { model, deployment, expires_at: expires, upstream_state: upstream } = rounds.at(-1);
  const tokens = rounds.map(({ usage }) => usage && usage.input_tokens + usage.output_tokens);
  const seconds = rounds.map(({ queued_at: from, ended_at: to }) => secondsBetween(from, to));
  const costs = rounds.map(({ cost }) => cost).filter(Boolean);
  return [
    model || deployment.title,
    tokens.some(Boolean) && strings.tokens(sum(tokens)),
    formatSeconds(seconds.at(-1) === null ? null : sum(seconds)),
    costs.length > 0 && formatMoney({ ...costs[0], amount: sum(costs.map(({ amount }) => Number(amount))) }),
    expires && upstream === "stored" && strings.daysLeft(daysUntil(expires)),
  ].filter(Boolean);
}

const sum = numbers => numbers.reduce((total, number) => total + (number ?? 0), 0);
