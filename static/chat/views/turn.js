/** A turn: what a person said, and the attempt at answering it that is looked at. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";
import { AnswerView } from "./answer.js";
import { attachedList } from "./attached.js";
import { copy, face, iconButton } from "./bits.js";
import { ComputerView } from "./computer.js";
import { nameOf } from "./trouble.js";

const LONG = 1500;
const LONG_LINES = 24;

/**
 * @param {{name: string, isMe: boolean, showsFace: boolean, person: object}} author
 * @param {{beside?: Node, below?: Node}} extras
 */
function messageArticle({ text, attachments }, author, { beside, below }) {
  const name = author.isMe ? strings.you : author.name;
  const byline = author.showsFace && h("div", { class: "byline" }, face(author.person), name);
  return h(
    "article",
    { class: "message", "aria-label": name },
    h("h2", { class: "visually-hidden" }, name),
    byline,
    attachedList(attachments),
    ...bubble(text, Boolean(attachments?.length), beside),
    below,
  );
}

/** A long message is folded: people scroll for answers, not for what they pasted. Only an erased one is empty. */
function bubble(text, hasFiles, beside) {
  if (!text && hasFiles) return [];
  if (!text)
    return [h("div", { class: "line" }, h("div", { class: "bubble is-erased" }, strings.messageErased))];
  const words = h("div", { class: "bubble" }, text);
  const isLong = text.length > LONG || text.split("\n", LONG_LINES).length === LONG_LINES;
  const line = h("div", { class: "line" }, beside, words);
  if (!isLong) return [line];
  words.classList.add("is-folded");
  const unfold = event => {
    words.classList.remove("is-folded");
    event.currentTarget.remove();
  };
  return [line, h("button", { type: "button", class: "button plain", onclick: unfold }, strings.showAll)];
}

export class TurnView {
  /**
   * @param {object} turn
   * @param {import("../store.js").ConversationStore} store
   * @param {object} author as for messageArticle
   */
  constructor(turn, store, author, actions) {
    Object.assign(this, { id: turn.id, store, actions });
    const copyText = event => copy(turn.text, event.currentTarget);
    const beside = h("div", { class: "actions" }, iconButton("copy", strings.copyMessage, copyText));
    this.element = h("section", { class: "turn" }, messageArticle(turn, author, { beside }));
    this.answer = null;
    /** Which attempt is shown; null follows the latest. */
    this.chosen = null;
  }

  draw(now) {
    const attempts = this.store.attempts(this.store.turns.get(this.id));
    // A new attempt is looked at, whichever was before.
    if (attempts.length !== this.total) this.chosen = null;
    this.total = attempts.length;
    const index = this.chosen ?? attempts.length - 1;
    const rounds = attempts[index];
    if (!rounds) return false;
    if (this.answer?.element.dataset.attempt !== String(rounds.at(-1).attempt)) this.#show();
    this.#drawComputer();
    return this.answer.draw(rounds, this.#pager(index, attempts.length), now);
  }

  #drawComputer() {
    const run = this.store.runs.get(this.id);
    if (!run) return;
    this.computer ??= new ComputerView(this.actions);
    if (!this.computer.element.isConnected) this.answer.element.before(this.computer.element);
    this.computer.draw(run, this.store.sights.get(run.id));
    this.answer.element.toggleAttribute("data-browses", run.state !== "ended");
  }

  #show() {
    this.answer?.element.remove();
    this.answer = new AnswerView(this.actions);
    this.element.append(this.answer.element);
  }

  #pager(index, total) {
    if (total < 2) return null;
    const key = `${index} ${total}`;
    if (this.pagerFor === key) return this.pager;
    this.pagerFor = key;
    const go = to => () => this.#choose(to, total);
    this.pager = h(
      "span",
      { class: "attempts" },
      iconButton("chevron-left", strings.earlierAttempt, go(index - 1), { disabled: index === 0 }),
      strings.attempt(index + 1, total),
      iconButton("chevron-right", strings.laterAttempt, go(index + 1), { disabled: index === total - 1 }),
    );
    return this.pager;
  }

  #choose(index, total) {
    this.chosen = index === total - 1 ? null : index;
    this.actions.redraw(this);
  }
}

/** A message that the server has not accepted yet. */
export function unsentArticle(message, author, actions) {
  const { refusal, choice, isOffline } = message;
  const button = (label, onclick) => h("button", { type: "button", class: "button plain", onclick }, label);
  if (!refusal && !isOffline) return messageArticle(message, author, {});
  const said = refusal ? `${strings.outbox.refused}: ${refusal}` : strings.outbox.waiting;
  const foot = h(
    "div",
    { class: `unsent${refusal ? " is-refused" : ""}` },
    icon(refusal ? "circle-alert" : "clock"),
    h("span", {}, said),
    choice && button(strings.parameters.leaveOutAndSend(nameOf(choice)), actions.leaveOut),
    refusal && button(strings.retry, actions.retry),
    button(strings.edit, actions.edit),
    button(strings.discard, actions.discard),
  );
  const article = messageArticle(message, author, { below: foot });
  article.classList.add("is-unsent");
  return article;
}
