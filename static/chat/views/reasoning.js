/** What the model tells of its thoughts, folded: how long it thought, in how many tokens, and the summary if there is one. */

import { isMessage, itemsOf, reasoningOf } from "../content.js";
import { h, icon, setText } from "../dom.js";
import { formatSeconds, secondsBetween } from "../format.js";
import { MarkdownStream } from "../markdown/stream.js";
import { strings } from "../strings.js";

export class Reasoning {
  constructor() {
    this.label = h("span", { class: "step-title" }, strings.reasoning);
    this.topic = h("span", { class: "reasoning-topic" });
    this.text = h("div", { class: "reasoning-text prose" });
    this.folded = h(
      "details",
      { class: "reasoning" },
      h(
        "summary",
        { class: "step-line" },
        ...[h("span", { class: "step-icon" }, icon("lightbulb")), this.label, " ", this.topic],
        icon("chevron-right"),
      ),
      this.text,
    );
    this.plainLabel = h("span", { class: "step-title" });
    this.plain = h(
      "p",
      { class: "reasoning step-line" },
      h("span", { class: "step-icon" }, icon("lightbulb")),
      this.plainLabel,
    );
    this.element = h("div", { class: "answer-reasoning" });
    this.stream = new MarkdownStream(this.text);
    this.fed = "";
  }

  draw(item, { response, isOpen, isGrowing, isFirst }) {
    const text = reasoningOf(item);
    // Time and tokens are of the whole answer, so the first panel has them.
    const told = isFirst && !isOpen ? costOf(response) : "";
    setText(this.label, isGrowing ? strings.states.thinking : told || strings.reasoning);
    setText(this.topic, isGrowing ? topicOf(text) : "");
    setText(this.plainLabel, told);
    this.#write(text, isGrowing);
    const shown = text ? this.folded : told && this.plain;
    if (shown && this.element.firstChild !== shown) this.element.replaceChildren(shown);
    return false;
  }

  #write(text, isGrowing) {
    if (!text.startsWith(this.fed) || (this.stream.finished && text !== this.fed)) {
      this.stream.reset();
      this.fed = "";
    }
    this.stream.append(text.slice(this.fed.length));
    this.fed = text;
    if (!isGrowing) this.stream.finish();
  }
}

/**
 * How long it thought is known where nothing but thoughts came before the words: what a tool takes is no thought.
 * @returns {string} empty while nobody knows, or where it did not think
 */
function costOf(response) {
  const items = itemsOf(response);
  const tokens = response.usage?.reasoning_tokens;
  const hasThought = tokens || items.some(item => item.type === "reasoning" && reasoningOf(item));
  if (!hasThought) return "";
  const until = response.first_delta_at ?? response.ended_at;
  const isAlone = items.every(item => item.type === "reasoning" || isMessage(item));
  const seconds = isAlone && formatSeconds(secondsBetween(response.started_at, until));
  if (!seconds) return tokens ? `${strings.reasoning} · ${strings.tokens(tokens)}` : "";
  return [strings.thoughtFor(seconds), tokens && strings.reasoningTokens(tokens)].filter(Boolean).join(" · ");
}

/** Models begin each part of a summary with its subject in bold. */
const topicOf = text => [...text.matchAll(/^\*\*([^*\n]{1,80})\*\*\s*$/gm)].at(-1)?.[1] ?? "";
