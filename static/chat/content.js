/** What of a Response is shown: pure functions from the row to what the views draw. */

import { isTerminal } from "./transcript.js";

/**
 * @param {object} response
 * @returns {{reasoning: string, texts: string[]}} the reasoning as one text, and the parts of the answer in order
 */
export function contentOf(response) {
  const reasoning = [];
  const texts = [];
  for (const item of response.items) {
    if (item?.type === "reasoning") reasoning.push(...reasoningOf(item));
    else if (!item?.type || item.type === "message") texts.push(...(item?.content ?? []).map(textOf));
  }
  return { reasoning: reasoning.filter(Boolean).join("\n\n"), texts: texts.filter(Boolean) };
}

const reasoningOf = item => [...(item.summary ?? []), ...(item.content ?? [])].map(part => part.text);

const textOf = part => part.text || part.refusal || "";

/** The whole answer as Markdown, as one copies it. */
export const answerText = response => contentOf(response).texts.join("\n\n");

/** @returns {string} one of the states that a reader can tell apart */
export function stateOf(response) {
  if (response.status !== "in_progress") return response.status;
  return contentOf(response).texts.length ? "writing" : "thinking";
}

/** Whether another attempt makes sense: the last one ended, but not well, and its words are still there. */
export const canRetry = response =>
  isTerminal(response) && response.status !== "completed" && !response.erased_at;
