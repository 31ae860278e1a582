/** What somebody has to decide about a call: approve it, decline it, or type what the tool says. */

import { isAsking, mayDecide, pairsOf } from "../calls.js";
import { h, icon, setText } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.calls;

const MOST_REASON = 300;

export class Decision {
  constructor(actions) {
    this.actions = actions;
    this.element = h("div", { class: "decision" });
    this.problem = h("p", { class: "decision-problem", role: "alert", hidden: true });
    this.drawn = "";
  }

  draw(call) {
    this.call = call;
    const isMine = mayDecide(call, this.actions.me);
    const kind = isAsking(call) ? `${call.state} ${isMine}` : "";
    if (this.drawn !== kind) this.#build(kind && isMine);
    this.drawn = kind;
    if (kind && isMine) this.#tell(this.actions.standing(call));
  }

  #build(isMine) {
    this.buttons = [];
    if (!isAsking(this.call)) this.#forget();
    else if (!isMine) this.element.replaceChildren(h("p", { class: "quiet" }, words.waitsFor(this.call)));
    else this.element.replaceChildren(...this.#question(), this.problem);
  }

  /** It is decided, by whomever: what was typed for it is of no use any more. */
  #forget() {
    this.element.replaceChildren();
    if (this.drawn) this.actions.saveCallDraft(this.call, "");
  }

  #question() {
    const isManual = this.call.state === "asks_output";
    this.form = isManual ? this.#answer() : this.#approval();
    this.refusing = this.#declining();
    return [givenTo(this.call), this.form, this.refusing];
  }

  #approval() {
    return h(
      "div",
      { class: "decision-acts" },
      h("p", { class: "decision-asks" }, words.asksApproval(this.call)),
      this.#button("primary", "check", words.approve, () => this.#send({ type: "call.approve" })),
      this.#declineButton(),
    );
  }

  #answer() {
    const id = `output-${this.call.id}`;
    const box = h("textarea", { class: "input", id, rows: "3", "aria-describedby": `${id}-hint` });
    box.value = this.actions.callDraft(this.call);
    box.addEventListener("input", () => this.actions.saveCallDraft(this.call, box.value));
    const send = () =>
      box.value.trim() ? this.#send({ type: "call.answer", output: box.value }) : box.focus();
    box.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    });
    return h(
      "div",
      { class: "decision-form" },
      h("label", { for: id }, words.answerLabel(this.call)),
      box,
      h("p", { class: "hint", id: `${id}-hint` }, words.answerHint),
      h(
        "div",
        { class: "decision-acts" },
        this.#button("primary", "check", words.answer, send),
        this.#declineButton(),
      ),
    );
  }

  #declineButton() {
    const open = () => {
      this.#ask(true);
      this.reason.focus();
    };
    this.opener = this.#button("", "x", words.decline, open);
    return this.opener;
  }

  #declining() {
    const id = `reason-${this.call.id}`;
    this.reason = h("input", { class: "input", id, maxlength: String(MOST_REASON), autocomplete: "off" });
    const submit = event => {
      event.preventDefault();
      this.#send({ type: "call.decline", reason: this.reason.value.trim() });
    };
    const back = () => {
      this.#ask(false);
      this.opener.focus();
    };
    const decline = h("button", { class: "button danger" }, words.decline);
    this.buttons.push(decline);
    const escape = event => event.key === "Escape" && back();
    return h(
      "form",
      { class: "decision-form", hidden: true, onsubmit: submit, onkeydown: escape },
      h("label", { for: id }, words.reason),
      this.reason,
      h(
        "div",
        { class: "decision-acts" },
        decline,
        h("button", { type: "button", class: "button", onclick: back }, words.back),
      ),
    );
  }

  #ask(isDeclining) {
    this.form.hidden = isDeclining;
    this.refusing.hidden = !isDeclining;
  }

  #button(kind, name, label, onclick) {
    const button = h(
      "button",
      { type: "button", class: `button ${kind}`.trim(), onclick },
      icon(name),
      label,
    );
    this.buttons.push(button);
    return button;
  }

  #send(command) {
    if (!this.isBusy) this.actions.decide(this.call, command);
  }

  #tell({ isBusy = false, problem = "" }) {
    this.isBusy = isBusy;
    // A button that is switched off loses the focus, and with it the place of whoever uses the keyboard.
    for (const button of this.buttons) button.setAttribute("aria-disabled", String(isBusy));
    setText(this.problem, problem);
    this.problem.hidden = !problem;
  }
}

/** Whoever decides must see what on, all of it. */
function givenTo(call) {
  const pair = ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h("dl", { class: "decision-given", tabindex: "0" }, ...pairsOf(call.arguments).map(pair));
}
