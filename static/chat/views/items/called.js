/** Calls on our side, with what became of them: the row tells more than the item. */

import { callOf, inOneLine, isOpenCall, troubleOf } from "../../calls.js";
import { formatDateTime, formatSeconds, secondsBetween } from "../../format.js";
import { textOf } from "../../loose.js";
import { strings } from "../../strings.js";
import { facts, jsonBlock, labelled, paragraph } from "./bits.js";

const words = strings.calls;

/** How a step of each state looks; others look done. */
const LOOKS = {
  asks_approval: "waiting",
  asks_output: "waiting",
  queued: "running",
  running: "running",
  failed: "failed",
  timed_out: "failed",
  stopped: "stopped",
  declined: "stopped",
};

export function calledHere(item, { response, state }) {
  const call = callOf(response, item) ?? {};
  const name = textOf(call.title) || textOf(item.name) || strings.steps.unnamedTool;
  const given = textOf(call.arguments) || textOf(item.arguments);
  const isMcp = item.type === "mcp_approval_request";
  return {
    icon: isMcp ? "plug" : "wrench",
    title: name,
    subject: inOneLine(given),
    note: call.id ? noteOf(call) : words.states[state],
    state: call.id ? (LOOKS[call.state] ?? "done") : state,
    details: given || call.output ? () => detailsOf(call, item, given) : null,
  };
}

function noteOf(call) {
  const took = isOpenCall(call) ? null : formatSeconds(secondsBetween(call.started_at, call.ended_at));
  return [words.outcome(call), took].filter(Boolean).join(" · ");
}

function detailsOf(call, item, given) {
  const trouble = troubleOf(call);
  const decided = call.decided_by && words.decided(call, formatDateTime(call.decided_at));
  return [
    labelled(strings.steps.arguments, jsonBlock(given)),
    trouble
      ? labelled(words.toldModel, paragraph(trouble, call.state === "declined" ? "" : "is-error"))
      : labelled(strings.steps.output, call.output && jsonBlock(call.output)),
    facts([
      [words.function, textOf(item.name)],
      [words.decision, decided],
    ]),
  ];
}
