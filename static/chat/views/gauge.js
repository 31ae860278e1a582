/** The ring beside Send that shows how full the context is, what it tells on demand, and the warning before it overflows. */

import { gaugeOf, isNearlyFull } from "../context.js";
import { byId, fill, h } from "../dom.js";
import { formatNumber } from "../format.js";
import { strings } from "../strings.js";

const words = strings.gauge;
const OPEN_AFTER = 200;

export class GaugeView {
  /**
   * @param {{
   *   draft: () => {text: string, files: object[]}, deployment: () => object|undefined,
   *   count: (tip: string) => Promise<number>, choose: (choices: object) => void, newConversation: () => void,
   * }} actions
   */
  constructor(actions) {
    this.actions = actions;
    this.button = byId("gauge");
    this.details = byId("gauge-details");
    this.warning = byId("gauge-warning");
    this.button.addEventListener("click", () => this.#toggle());
    this.button.addEventListener("pointerenter", event => event.pointerType === "mouse" && this.#hover());
    this.button.addEventListener("pointerleave", () => this.#leave());
    document.addEventListener("pointerdown", event => this.#pressed(event));
    document.addEventListener("keydown", event => event.key === "Escape" && this.#close());
  }

  /** @param {import("../store.js").ConversationStore|null} store null before the first message */
  open(store) {
    this.store = store;
    this.counted = this.problem = null;
    this.#close();
    this.draw();
  }

  draw() {
    const tip = this.store?.tip();
    const { draft, deployment } = this.actions;
    this.gauge = tip ? gaugeOf(this.store, draft(), deployment(), this.counted) : null;
    this.button.hidden = !this.gauge;
    if (!this.gauge) this.#close();
    else this.#drawRing();
    this.#drawWarning();
    if (!this.details.hidden) this.#drawDetails();
  }

  #drawRing() {
    const percent = percentOf(this.gauge);
    this.button.setAttribute("aria-label", words.label(percent));
    this.button.classList.toggle("is-near", isNearlyFull(this.gauge));
    this.button
      .querySelector(".gauge-fill")
      .setAttribute("stroke-dasharray", `${Math.min(percent, 100)} 100`);
  }

  #drawWarning() {
    const isDue = isNearlyFull(this.gauge) && !this.#ways().chosen;
    this.warning.hidden = !isDue;
    if (!isDue) return;
    const key = `${percentOf(this.gauge)} ${this.#mayChoose()} ${this.actions.deployment().id}`;
    if (this.warnedOf === key && this.warning.childElementCount) return;
    this.warnedOf = key;
    this.warning.replaceChildren(h("span", {}, warningOf(this.gauge)), ...this.#buttons());
  }

  #drawDetails() {
    const { tokens, draft, room, window, how } = this.gauge;
    const line = (term, value) => h("div", {}, h("dt", {}, term), h("dd", {}, value));
    const total = tokens + draft;
    fill(
      this.details,
      h("p", { class: "gauge-title" }, words.title(percentOf(this.gauge))),
      h("meter", {
        min: 0,
        max: room,
        value: Math.min(total, room),
        high: room * 0.8,
        "aria-label": words.of,
      }),
      h(
        "dl",
        {},
        line(words.conversation, `${how === "usage" || how === "api" ? "" : "≈ "}${formatNumber(tokens)}`),
        draft > 0 && line(words.draft, `≈ ${formatNumber(draft)}`),
        line(words.room, formatNumber(room)),
      ),
      h("p", { class: "hint" }, this.isCounting ? words.counting : words.how[how]),
      this.problem && h("p", { class: "hint" }, this.problem),
      room < window && h("p", { class: "hint" }, words.window(window, window - room)),
      h("p", { class: "hint" }, this.#ways().said),
      h("div", { class: "gauge-ways" }, ...this.#buttons()),
    );
  }

  /** What happens when it is full: what was chosen, in words. */
  #ways() {
    const { compact_at: compactAt, truncation } = this.store?.conversation?.choices ?? {};
    if (compactAt) return { chosen: true, said: words.compacts(compactAt) };
    if (truncation === "auto") return { chosen: true, said: words.leavesOut };
    return { chosen: false, said: words.overflows };
  }

  #mayChoose() {
    return this.store?.conversation?.mine !== false;
  }

  #buttons() {
    const { deployment, choose, newConversation } = this.actions;
    const abilities = deployment()?.abilities ?? {};
    const button = (label, act) => h("button", { type: "button", class: "button", onclick: act }, label);
    const offers = !this.#ways().chosen && this.#mayChoose();
    const act = choices => () => {
      choose(choices);
      this.#close();
    };
    return [
      // What is too long already can't be read to be compacted.
      offers &&
        !abilities.compaction &&
        !isFull(this.gauge) &&
        button(words.compact, act({ compact_at: this.gauge.compactAt })),
      offers && !abilities.truncation_auto && button(words.leaveOut, act({ truncation: "auto" })),
      isNearlyFull(this.gauge) && button(words.newConversation, newConversation),
    ].filter(Boolean);
  }

  /** A click keeps it open, and has upstream count: nothing is asked there that nobody wanted to know. */
  #toggle() {
    if (this.isPinned) return this.#close();
    this.isPinned = true;
    this.#show();
    this.#count();
  }

  #hover() {
    this.opening = setTimeout(() => this.#show(), OPEN_AFTER);
  }

  #leave() {
    clearTimeout(this.opening);
    if (!this.isPinned) this.#close();
  }

  #pressed({ target }) {
    if (!this.details.contains(target) && !this.button.contains(target)) this.#close();
  }

  #show() {
    this.details.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.#drawDetails();
  }

  #close() {
    clearTimeout(this.opening);
    this.isPinned = false;
    this.details.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  async #count() {
    const { store } = this;
    const tip = store.tip();
    const isDone = this.counted?.tip === tip || this.isCounting || store.running();
    if (isDone || this.actions.deployment().abilities?.input_tokens_count) return;
    this.isCounting = true;
    this.draw();
    const [found] = await Promise.allSettled([this.actions.count(tip)]);
    this.isCounting = false;
    if (this.store !== store) return;
    this.counted = found.status === "fulfilled" ? { tip, tokens: found.value } : null;
    this.problem = found.reason?.message ?? null;
    this.draw();
  }
}

const isFull = ({ share }) => share >= 1;

function warningOf(gauge) {
  if (!isFull(gauge)) return words.nearlyFull(percentOf(gauge));
  return gauge.draft ? words.full : words.over;
}

const percentOf = ({ share }) => Math.round(share * 100);
