/** Whether models of a conversation work in a browser, and what it begins with where the team leaves that to choose. */

import { h, setText } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.computer;
const plan = words.plan;
/** The least of each number; the most is the team's. */
const LEAST = { display_width: 200, display_height: 200, most_steps: 1, most_seconds: 10 };

export class BrowserChoice {
  /**
   * @param {boolean|object|undefined} chosen as docs/protocol.md has the choice `computer`
   * @param {{may_choose: boolean, usual: object, most: object, sites: string[]}} rules of the team
   * @param {{isFree: boolean, refused?: string}} standing `refused` is why nobody can have a browser here
   */
  constructor(chosen, rules, { isFree, refused }) {
    this.rules = rules;
    this.box = h("input", {
      type: "checkbox",
      id: "tool-computer",
      "aria-describedby": "tool-computer-hint",
      checked: Boolean(chosen),
      disabled: !isFree || Boolean(refused),
    });
    this.inputs = new Map();
    this.settings = rules.may_choose && !refused ? this.#settings(chosen) : null;
    this.box.addEventListener("change", () => this.#showSettings(isFree));
    this.#showSettings(isFree);
    this.element = h(
      "div",
      { class: "tool-choice" },
      this.box,
      h("label", { for: "tool-computer" }, words.use),
      h("p", { class: "hint", id: "tool-computer-hint" }, refused || words.useHint),
      this.settings,
    );
  }

  /** @returns {boolean|object|undefined} the choice; nothing where there shall be no browser */
  read() {
    if (!this.box.checked) return undefined;
    const filled = [...this.inputs].filter(([, input]) => input.value.trim());
    const made = filled.map(([name, input]) => [
      name,
      name in LEAST ? Number(input.value) : input.value.trim(),
    ]);
    return made.length ? Object.fromEntries(made) : true;
  }

  #showSettings(isFree) {
    if (!this.settings) return;
    this.settings.hidden = !this.box.checked;
    for (const input of this.inputs.values()) input.disabled = !(isFree && this.box.checked);
  }

  #settings(chosen) {
    const given = typeof chosen === "object" ? chosen : {};
    this.wrong = h("p", { class: "hint wrong", id: "browser-wrong", role: "status" });
    const fields = ["start_url", ...Object.keys(LEAST)].map(name => this.#field(name, given[name]));
    const settings = h(
      "details",
      { class: "more browser-plan", open: Object.keys(given).length > 0 },
      h("summary", {}, plan.title),
      h("div", { class: "browser-fields" }, ...fields),
      this.wrong,
      h("p", { class: "hint" }, plan.hint),
    );
    // A field that isn't right must not stay folded away while it keeps the dialog from being saved.
    settings.addEventListener("invalid", () => (settings.open = true), true);
    return settings;
  }

  #field(name, value) {
    const { usual, most } = this.rules;
    const common = { class: "input", id: `browser-${name}`, placeholder: String(usual[name]) };
    const number = { type: "number", min: LEAST[name], max: most[name], step: "1", inputmode: "numeric" };
    const input = h("input", { ...common, ...(name in LEAST ? number : { type: "url", maxlength: "2000" }) });
    input.value = String(value ?? "");
    if (!(name in LEAST)) input.addEventListener("input", () => this.#checkStart(input));
    this.inputs.set(name, input);
    const label = name in LEAST ? plan[name](most[name]) : plan[name];
    return h("label", { class: `browser-field browser-${name}` }, h("span", {}, label), input);
  }

  #checkStart(input) {
    const why = input.value.trim() ? whyNotStart(input.value.trim(), this.rules.sites) : "";
    input.setCustomValidity(why);
    setText(this.wrong, why);
  }
}

/** @returns {string} why a browser that may visit these sites can't begin there; the server asks again */
export function whyNotStart(address, sites) {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) return plan.noAddress;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return sites.some(site => fits(site, url.hostname, port)) ? "" : plan.elsewhere(sites.join(", "));
}

function fits(site, host, port) {
  const [, name, own] = site.match(/^(.*?)(?::(\d+))?$/);
  if (own ? own !== port : !["80", "443"].includes(port)) return false;
  if (name.startsWith("*.")) return host.endsWith(name.slice(1)) && host.length >= name.length;
  return name === "*" || name === host;
}
