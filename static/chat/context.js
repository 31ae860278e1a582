/** How full a model's context is: what the API counted with the newest answer, and an estimate of what came since. */

import { answerText } from "./content.js";

/** Of English; other languages need more. */
const CHARS_PER_TOKEN = 4;
const PICTURE = 1000;
const PAGE = 1200;
/** From here on a person is told. */
const NEARLY_FULL = 0.8;
/** A compaction leaves room for a while. */
const COMPACT_AT = 0.6;
const LEAST_COMPACT_AT = 1000;
const ANSWERED = ["completed", "incomplete"];

/**
 * @typedef {{
 *   tokens: number, draft: number, room: number, window: number, share: number, how: "usage"|"api"|"estimate",
 *   compactAt: number,
 * }} Gauge `room`: what the model can read; the rest of its `window` is for the answer
 */

/**
 * @param {import("./store.js").ConversationStore} store
 * @param {{text: string, files: object[]}} draft
 * @param {object|undefined} deployment
 * @param {{tip: string, tokens: number}|null} counted what upstream counted up to a turn
 * @returns {Gauge|null} null where nothing is known of the model's window
 */
export function gaugeOf(store, draft, deployment, counted) {
  const window = deployment?.context_window;
  if (!window) return null;
  const room = roomOf(deployment, store.conversation?.choices?.max_output_tokens);
  const { tokens, how } = contextOf(store, deployment, counted);
  const drafted = textTokens(draft.text) + fileTokens(draft.files);
  const compactAt = Math.max(LEAST_COMPACT_AT, Math.round(room * COMPACT_AT));
  return { tokens, how, draft: drafted, room, window, share: (tokens + drafted) / room, compactAt };
}

export const isNearlyFull = gauge => Boolean(gauge) && gauge.share >= NEARLY_FULL;

/** Input and answer share the window. */
function roomOf({ context_window: window, max_output_tokens: most }, chosen) {
  const kept = chosen ?? most ?? 0;
  return kept < window ? window - kept : window;
}

/** From the newest turn back to one whose answer was counted; what lies between is estimated. */
function contextOf(store, deployment, counted) {
  const turns = [...store.turns.values()].reverse();
  if (counted && counted.tip === turns[0]?.id) return { tokens: counted.tokens, how: "api" };
  let tokens = 0;
  let how = "usage";
  for (const turn of turns) {
    const response = answerOf(store.attempts(turn).flat());
    if (isCounted(response)) {
      const isOther = response.deployment.id !== deployment.id || isCompacted(response);
      return { tokens: tokens + usedBy(response), how: isOther ? "estimate" : how };
    }
    how = "estimate";
    tokens += textTokens(turn.text) + fileTokens(turn.attachments) + (response ? answerTokens(response) : 0);
  }
  return { tokens, how };
}

/** As the next request takes it: the newest attempt that was answered whole, else the newest. */
const answerOf = rounds => rounds.findLast(each => ANSWERED.includes(each.status)) ?? rounds.at(-1);

const isCounted = response =>
  ANSWERED.includes(response?.status) && Boolean(response.usage) && !response.usage.estimated;

/** What came before it was counted, too, perhaps, but won't be read again. */
const isCompacted = ({ items }) => items.some(item => item?.type === "compaction");

/** What the model thought isn't read again. */
const usedBy = ({ usage }) => usage.input_tokens + usage.output_tokens - (usage.reasoning_tokens ?? 0);

const answerTokens = response => textTokens(answerText(response));
const textTokens = text => Math.ceil((text ?? "").length / CHARS_PER_TOKEN);
const fileTokens = files =>
  (files ?? []).reduce((sum, { pages }) => sum + (pages ? pages * PAGE : PICTURE), 0);
