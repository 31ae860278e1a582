/** The card of what a task in a browser waits for: somebody's word on a step, or somebody at the page itself. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.computer;

/**
 * @param {object} run that waits
 * @param {(step: object) => string} actionsOf
 * @param {(command: object) => void} steer
 * @returns {{key: string, draw: () => Node[]}} the same key for the same question
 */
export function askedOf(run, actionsOf, steer) {
  if (run.state !== "waits_for_person") return { key: "", draw: () => [] };
  const step = run.steps.find(each => each.state === "asks");
  const page = run.steps.findLast(each => each.url)?.url;
  const button = (look, label, command) =>
    h("button", { type: "button", class: `button ${look}`, onclick: () => steer(command) }, label);
  const take = look => button(look, words.take, { type: "computer.take", run: run.id });
  const ofPage = () => [
    h("h3", {}, icon("hand"), run.told || words.asksPerson),
    h("p", {}, words.asksHand),
    page && listed(words.page, page),
    answers(take("primary"), button("plain", words.goOn, { type: "computer.resume", run: run.id })),
  ];
  const draw = () => (step ? ofStep(step, page, actionsOf, button, take) : ofPage()).filter(Boolean);
  return { key: `${run.id} ${step?.id} ${run.told}`, draw };
}

function ofStep(step, page, actionsOf, button, take) {
  const checks = step.checks.map(({ code, message }) =>
    h("li", {}, h("code", {}, code || words.unnamedCheck), " ", message),
  );
  return [
    h("h3", {}, icon("shield"), checks.length ? words.asksCheck : words.asksStep),
    checks.length > 0 && h("ul", {}, ...checks),
    listed(words.action, actionsOf(step)),
    page && listed(words.page, page),
    answers(
      button("primary", words.proceed, { type: "computer.proceed", step: step.id }),
      button("plain", words.decline, { type: "computer.decline", step: step.id }),
      take("plain"),
    ),
  ];
}

const listed = (name, value) => h("dl", {}, h("dt", {}, name), h("dd", {}, value));

const answers = (...buttons) => h("div", { class: "computer-answers" }, ...buttons);
