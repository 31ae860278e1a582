/** What of a Response is shown: pure functions from the row to what the views draw. */

import { waitingFor } from "./calls.js";
import { listOf, objectOf, textOf } from "./loose.js";
import { isTerminal } from "./transcript.js";

export const itemsOf = response => listOf(response.items).map(objectOf);

/** An item that no event has opened yet has no type. */
export const isMessage = item => !item.type || item.type === "message";

/** Some servers send a text in place of its parts. */
export const partsOf = content =>
  typeof content === "string" ? [{ text: content }] : listOf(content).map(objectOf);

export const wordsOf = part => textOf(part.text) || textOf(part.refusal);

/** @returns {string} what is told of the model's thoughts; what is encrypted stays out of sight */
export const reasoningOf = item =>
  [...partsOf(item.summary), ...partsOf(item.content)].map(wordsOf).filter(Boolean).join("\n\n");

/** @returns {string[]} the parts of the answer in order */
export const textsOf = response =>
  itemsOf(response)
    .filter(isMessage)
    .flatMap(item => partsOf(item.content).map(wordsOf))
    .filter(Boolean);

/** The whole answer as Markdown, as one copies it. */
export const answerText = response => textsOf(response).join("\n\n");

const RUNNING = new Set(["in_progress", "searching", "interpreting", "generating", "calling"]);

/**
 * @param {object} item a call, of whatever tool
 * @param {boolean} isOpen whether its response still runs
 * @returns {"running"|"done"|"failed"|"stopped"}
 */
export function callStateOf(item, isOpen) {
  if (item.status === "failed" || item.error) return "failed";
  if (RUNNING.has(item.status)) return isOpen ? "running" : "stopped";
  return item.status === "incomplete" ? "stopped" : "done";
}

/** @returns {string} one of the states that a reader can tell apart */
export function stateOf(response) {
  if (response.status !== "in_progress") return response.status;
  const last = itemsOf(response).at(-1) ?? {};
  if (last.type === "reasoning" || !last.type) return textsOf(response).length ? "writing" : "thinking";
  if (isMessage(last)) return textsOf(response).length ? "writing" : "thinking";
  return callStateOf(last, true) === "running" ? "working" : "thinking";
}

const WAITS = { approval: "forApproval", person: "forPerson", tool: "working" };

/** @returns {string} the state of an attempt: its last round may wait for what the ones before it called */
export function stateOfRounds(rounds) {
  const state = stateOf(rounds.at(-1));
  return (state === "waiting" && WAITS[waitingFor(rounds)]) || state;
}

/** Whether another attempt makes sense: the last one ended, but not well, and its words are still there. */
export const canRetry = response =>
  isTerminal(response) && response.status !== "completed" && !response.erased_at;
