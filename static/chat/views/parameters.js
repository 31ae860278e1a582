/** The fields of the options that become choices: what the deployment can't do is told with its reason instead. */

import { h } from "../dom.js";
import { strings } from "../strings.js";

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const OUR_PAIR = "run_id";
const MOST_PAIRS = 15;

/**
 * `feature` is what the deployment must be able to do for the field, for a value of it where the name ends in a colon;
 * `orFeature` will do as well.
 * @typedef {{name: string, values?: string[], min?: number, max?: number, step?: string, chars?: number, feature?: string, orFeature?: string}} Field
 */

/** @type {Field[]} the first ones stand above the fold */
const ABOVE = [
  { name: "keep", values: ["chained", "resent", "not_stored"] },
  { name: "effort", values: EFFORTS, feature: "effort:" },
];
const BELOW = [
  { name: "verbosity", values: ["low", "medium", "high"], feature: "verbosity" },
  {
    name: "summary",
    values: ["auto", "concise", "detailed"],
    feature: "summary",
    orFeature: "generate_summary",
  },
  { name: "max_output_tokens", min: 16, step: "1" },
  { name: "temperature", min: 0, max: 2, step: "any", feature: "temperature" },
  { name: "top_p", min: 0, max: 1, step: "any", feature: "top_p" },
  { name: "truncation", values: ["disabled", "auto"], feature: "truncation_auto" },
  { name: "compact_at", min: 1000, step: "1", feature: "compaction" },
  { name: "tool_choice", values: ["auto", "required", "none"], feature: "tool_choice" },
  { name: "parallel_tool_calls", values: ["true", "false"], feature: "parallel_tool_calls" },
  { name: "prompt_cache_key", chars: 64, feature: "prompt_cache_key" },
  { name: "metadata" },
];
const FIELDS = [...ABOVE, ...BELOW];

export class Parameters {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    // A field that isn't right must not stay folded away while it keeps the dialog from being saved.
    place.addEventListener("invalid", () => (this.more.open = true), true);
  }

  /**
   * @param {object} choices of the conversation
   * @param {object} deployment with its `abilities`
   * @param {{mayChange: boolean, stores: boolean}} standing
   */
  show(choices, deployment, { mayChange, stores }) {
    Object.assign(this, { choices, deployment, mayChange, stores });
    this.inputs = new Map();
    const offered = BELOW.filter(field => !this.#whyNot(field));
    const refused = FIELDS.filter(field => this.#whyNot(field));
    const above = ABOVE.filter(field => !this.#whyNot(field)).map(field => this.#row(field));
    this.more = h(
      "details",
      { class: "more", open: offered.some(({ name }) => choices[name] !== undefined) },
      h("summary", {}, strings.parameters.more),
      h("div", { class: "more-fields" }, ...offered.map(field => this.#row(field))),
      refused.length && this.#refusals(refused),
      mayChange &&
        h(
          "button",
          { type: "button", class: "button", onclick: () => this.#reset() },
          strings.parameters.reset,
        ),
    );
    this.place.replaceChildren(...above, this.more);
  }

  /** @returns {object} the choices as they stand in the fields, with those that have no field here */
  read() {
    const names = new Set(["tools", "computer", ...FIELDS.map(field => field.name)]);
    const others = Object.entries(this.choices).filter(([name]) => !names.has(name));
    const made = [...this.inputs].map(([name, input]) => [name, valueOf(name, input)]);
    return Object.fromEntries([...others, ...made.filter(([, value]) => value !== null)]);
  }

  /** A field with values can't be used where none of them can. */
  #whyNot({ feature, orFeature, values }) {
    const abilities = this.deployment?.abilities ?? {};
    if (!feature || abilities[orFeature] === "") return "";
    if (!feature.endsWith(":")) return abilities[feature] ?? "";
    const reasons = values.map(value => abilities[feature + value] ?? "");
    return reasons.every(Boolean) ? abilities.reasoning || reasons[0] : "";
  }

  #row(field) {
    const { name } = field;
    const words = strings.parameters[name];
    const id = `choice-${name}`;
    const input = field.values ? this.#select(field, id) : inputOf(field, id);
    input.disabled = !this.mayChange || (name === "keep" && !this.stores);
    const hint = h("p", { class: "hint", id: `${id}-hint` }, words.hint);
    this.inputs.set(name, input);
    show(name, input, this.choices[name]);
    if (name === "keep") this.#tellKeeping(input, hint);
    return h("div", { class: "field" }, h("label", { for: id }, words.label), input, hint);
  }

  #select({ name, values, feature }, id) {
    const abilities = this.deployment?.abilities ?? {};
    const words = strings.parameters[name].values ?? {};
    const can = value => !(feature?.endsWith(":") && abilities[feature + value]);
    const usual =
      name === "keep" ? strings.parameters.keep.usual(this.#usualKeep()) : strings.parameters.usual;
    return h(
      "select",
      { class: "input", id, "aria-describedby": `${id}-hint` },
      h("option", { value: "" }, usual),
      ...values.filter(can).map(value => h("option", { value }, words[value] ?? value)),
    );
  }

  #usualKeep() {
    return this.stores ? (this.deployment?.keep ?? "chained") : "not_stored";
  }

  /** What the chosen way means, in words. */
  #tellKeeping(input, hint) {
    const { consequences, team } = strings.parameters.keep;
    const tell = () =>
      (hint.textContent = this.stores ? consequences[input.value || this.#usualKeep()] : team);
    input.addEventListener("change", tell);
    tell();
  }

  #refusals(fields) {
    const line = field =>
      h("li", {}, h("strong", {}, strings.parameters[field.name].label), ` ${this.#whyNot(field)}`);
    return h("ul", { class: "hint refusals" }, ...fields.map(line));
  }

  #reset() {
    for (const [name, input] of this.inputs) {
      show(name, input, undefined);
      input.dispatchEvent(new Event("change"));
    }
  }
}

function inputOf({ name, min, max, step, chars }, id) {
  const common = { class: "input", id, "aria-describedby": `${id}-hint` };
  if (name === "metadata") {
    const box = h("textarea", { ...common, rows: "2" });
    box.addEventListener("input", () =>
      box.setCustomValidity(pairsOf(box.value) ? "" : strings.parameters.metadata.wrong),
    );
    return box;
  }
  if (chars) return h("input", { ...common, maxlength: String(chars) });
  return h("input", { ...common, type: "number", inputmode: "decimal", min, max, step });
}

function show(name, input, value) {
  input.value = name === "metadata" ? linesOf(value) : String(value ?? "");
  input.setCustomValidity("");
}

/** @returns {unknown} null where it is left to the API */
function valueOf(name, input) {
  const text = input.value.trim();
  if (!text) return null;
  if (input.type === "number") return Number(text);
  if (name === "parallel_tool_calls") return text === "true";
  return name === "metadata" ? pairsOf(text) : text;
}

const linesOf = pairs =>
  Object.entries(pairs ?? {})
    .map(([name, value]) => `${name} = ${value}`)
    .join("\n");

/** @returns {Object<string, string>|null} null where the API would refuse them */
function pairsOf(text) {
  const lines = text.split("\n").filter(line => line.trim());
  const pairs = lines.map(line => line.split(/=(.*)/s, 2).map(part => part.trim()));
  const isRight = ([name, value]) =>
    name && name.length <= 64 && name !== OUR_PAIR && value !== undefined && value.length <= 512;
  return pairs.length <= MOST_PAIRS && pairs.every(isRight) ? Object.fromEntries(pairs) : null;
}
