/** What went wrong with an answer: what happened, what it means for the person's text, what to do next. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";
import { copyableId, mainRequestId } from "./bits.js";

const ICONS = {
  failed: "octagon-alert",
  incomplete: "circle-alert",
  interrupted: "unplug",
  cancelled: "square",
};

/**
 * @param {object} response one that has ended, but not well
 * @param {boolean} hasText whether a part of the answer is there
 * @param {(() => void)|null} retry
 * @param {(choice: string) => void} retryWithout for where upstream refused a choice
 * @param {(() => void)|null} leaveOutOldest for where the conversation was too long
 */
export function troubleOf(response, hasText, retry, retryWithout, leaveOutOldest = null) {
  const told = TELL[response.status](response, hasText);
  const reference =
    response.status === "failed" && (mainRequestId(response.error?.request_ids) ?? response.id);
  const foot = h(
    "div",
    { class: "trouble-foot" },
    ...(retry ? waysOut(response, retry, retryWithout, leaveOutOldest) : []),
    reference && copyableId(reference),
  );
  return h(
    "div",
    { class: `trouble ${response.status}` },
    icon(ICONS[response.status]),
    h(
      "div",
      {},
      h("h3", {}, told.title),
      told.said && h("p", { class: "said" }, told.said),
      h("p", {}, told.advice),
      foot.childElementCount && foot,
    ),
  );
}

function waysOut({ error }, retry, retryWithout, leaveOutOldest) {
  const button = (kind, onclick, ...label) => h("button", { type: "button", class: kind, onclick }, ...label);
  const remedy = (label, act) => button("button primary", act, label);
  const choice = error?.choice;
  const isTooLong = error?.kind === "context_too_long" && leaveOutOldest;
  return [
    choice && remedy(strings.parameters.leaveOut(nameOf(choice)), () => retryWithout(choice)),
    isTooLong && remedy(strings.gauge.leaveOutAndRetry, leaveOutOldest),
    button("button", retry, icon("rotate-cw"), strings.retry),
  ];
}

/** As the options call it. */
export const nameOf = choice => strings.parameters[choice]?.label ?? choice;

const TELL = {
  failed(response, hasText) {
    const { summary, message, advice } = response.error ?? {};
    const title = summary || message || strings.failedTitle;
    const kept = hasText ? strings.partIsKept : strings.yourTextIsKept;
    return {
      title,
      said: message && message !== title ? message : null,
      advice: [kept, advice].filter(Boolean).join(" "),
    };
  },
  incomplete(response) {
    const reason = response.incomplete?.reason;
    const said = strings.incompleteReasons[reason] ?? reason;
    return { title: strings.incompleteTitle, said, advice: strings.incompleteAdvice };
  },
  interrupted(response) {
    const { summary, advice } = response.error ?? {};
    return {
      title: summary || strings.interruptedTitle,
      advice: advice || strings.interruptedAdvice,
    };
  },
};

/** @returns {boolean} whether the status needs more than a pill to be told */
export const isTrouble = response => response.status in TELL;
