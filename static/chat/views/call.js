/** A call that runs on our side, or waits for a person: the step, and below it what somebody has to decide. */

import { callOf } from "../calls.js";
import { h } from "../dom.js";
import { Decision } from "./decision.js";
import { Step } from "./step.js";

export class CallView {
  /** @param {object} actions see App: `me`, `decide`, `standing`, `callDraft`, `saveCallDraft` */
  constructor(actions) {
    this.step = new Step();
    this.decision = new Decision(actions);
    this.element = h("div", { class: "call" }, this.step.element, this.decision.element);
  }

  draw(item, about) {
    const call = callOf(about.response, item);
    const hadFocus = this.decision.element.contains(document.activeElement);
    this.step.draw(item, about);
    if (!call) return false;
    this.element.id = `call-${call.id}`;
    this.element.dataset.state = call.state;
    this.decision.draw(call);
    if (hadFocus && !this.decision.element.contains(document.activeElement)) this.step.focus();
    return false;
  }
}
