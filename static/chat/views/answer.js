/** One answer: its words, the state it is in, and what stands below it when it has ended. */

import { answerText, canRetry, stateOf, textsOf } from "../content.js";
import { fill, h, icon, setText } from "../dom.js";
import { daysUntil, formatDate, formatMoney, formatSeconds, secondsBetween } from "../format.js";
import { strings } from "../strings.js";
import { isTerminal } from "../transcript.js";
import { copy, iconButton, pill } from "./bits.js";
import { Items } from "./items.js";
import { Stopwatch } from "./stopwatch.js";
import { isTrouble, troubleOf } from "./trouble.js";

const TIMED = new Set(["thinking", "working", "writing"]);

export class AnswerView {
  /** @param {{retry: (turn: string) => void, receipt: (response: string, opener: HTMLElement) => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.items = new Items();
    this.stopwatch = new Stopwatch();
    this.after = h("div", { class: "answer-after" });
    this.foot = h("div", { class: "answer-foot" });
    this.element = h(
      "article",
      { class: "answer", "aria-label": strings.answer },
      h("h2", { class: "visually-hidden" }, strings.answer),
      ...[this.items.element, this.after, this.foot],
    );
    this.footFor = null;
  }

  /**
   * @param {object} response
   * @param {HTMLElement|null} attempts the pager, where there was more than one
   * @returns {boolean} whether the next frame has more to show
   */
  draw(response, attempts, now) {
    const state = stateOf(response);
    const isOpen = !isTerminal(response);
    this.element.dataset.state = state;
    this.element.dataset.response = response.id;
    this.element.toggleAttribute("aria-busy", isOpen);
    const isBehind = this.items.draw(response, now);
    if (isOpen) this.#drawState(state, response);
    else this.#drawEnd(response, textsOf(response), attempts);
    return isBehind;
  }

  #drawState(state, response) {
    const elapsed = this.stopwatch.seconds(response);
    const isTimed = TIMED.has(state);
    if (this.footFor !== state) {
      this.footFor = state;
      this.after.replaceChildren();
      this.stateText = h("span", {}, strings.states[state]);
      const mark =
        state === "waiting"
          ? icon("hourglass")
          : h("span", { class: "beat", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
      const quiet = state === "writing" ? "state is-quiet" : "state";
      this.foot.replaceChildren(h("span", { class: quiet }, mark, this.stateText));
    }
    if (isTimed && elapsed >= 1)
      setText(this.stateText, `${strings.states[state]} · ${strings.seconds(elapsed)}`);
  }

  #drawEnd(response, texts, attempts) {
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
      ...[this.#stoppedPill(response), this.#meta(response), attempts].filter(Boolean),
    );
    this.foot.append(this.#actionsOf(response, texts, retry));
  }

  #stoppedPill(response) {
    if (response.status !== "cancelled") return null;
    const by = response.stopped?.by;
    return pill("stopped", "square", by ? strings.stoppedBy(by.name) : strings.states.cancelled);
  }

  #meta(response) {
    const words = metaOf(response).map(word => h("span", {}, word));
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

  #actionsOf(response, texts, retry) {
    const copyAnswer = event => copy(answerText(response), event.currentTarget);
    return h(
      "div",
      { class: "actions" },
      texts.length && iconButton("copy", strings.copyAnswer, copyAnswer),
      retry && !isTrouble(response) && iconButton("rotate-cw", strings.retry, retry),
    );
  }
}

const erasedNote = ({ erased_at: at }) =>
  at && h("p", { class: "erased" }, icon("eraser"), strings.answerErased(formatDate(at)));

/** @returns {string[]} what the quiet line below an answer says */
export function metaOf(response) {
  const { usage, cost, expires_at: expires } = response;
  const seconds = formatSeconds(secondsBetween(response.queued_at, response.ended_at));
  return [
    response.model || response.deployment.title,
    usage && strings.tokens(usage.input_tokens + usage.output_tokens),
    seconds,
    cost && formatMoney(cost),
    expires && response.upstream_state === "stored" && strings.daysLeft(daysUntil(expires)),
  ].filter(Boolean);
}
