/** The field for the form of an answer: a JSON schema, checked by the server while it is written, with examples. */

import { h, setText } from "../dom.js";
import { ApiError, request } from "../http.js";
import { strings } from "../strings.js";

const words = strings.schema;

const object = properties => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const text = description => ({ type: "string", ...(description && { description }) });

const EXAMPLES = {
  points: {
    title: "points",
    ...object({ summary: text("One sentence"), points: { type: "array", items: text() } }),
  },
  tasks: {
    title: "tasks",
    ...object({
      tasks: {
        type: "array",
        items: object({ what: text(), who: { type: ["string", "null"] }, due: { type: ["string", "null"] } }),
      },
    }),
  },
  judgement: {
    title: "judgement",
    ...object({
      verdict: { type: "string", enum: ["yes", "no", "unclear"] },
      confidence: { type: "number", description: "From 0 to 1" },
      reasons: { type: "array", items: text() },
    }),
  },
};

const shown = schema => JSON.stringify(schema, null, 2);

export class SchemaField {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    place.addEventListener("invalid", () => (this.fold.open = true), true);
  }

  /** @param {object} choices of the conversation */
  show(choices, deployment, { mayChange }) {
    this.whyNot = deployment?.abilities?.structured_output ?? "";
    this.box = h("textarea", {
      class: "input code",
      id: "choice-schema",
      rows: "8",
      spellcheck: "false",
      "aria-describedby": "choice-schema-hint choice-schema-wrong",
      readonly: !mayChange,
    });
    this.box.value = this.whyNot ? "" : (choices.schema ?? "");
    this.wrong = h("p", { class: "hint wrong", id: "choice-schema-wrong", role: "status" });
    this.box.addEventListener("input", () => this.#checkSoon());
    this.fold = h(
      "details",
      { class: "more", open: Boolean(choices.schema) },
      h("summary", {}, words.title),
      this.whyNot ? h("p", { class: "hint" }, this.whyNot) : this.#field(mayChange),
    );
    this.place.replaceChildren(this.fold);
  }

  /** @returns {object} these choices, with the schema that stands here */
  applied(choices) {
    const made = { ...choices };
    delete made.schema;
    return parsed(this.box.value) ? { ...made, schema: this.box.value } : made;
  }

  #field(mayChange) {
    const option = ([name, label]) => h("option", { value: name }, label);
    const examples = h(
      "select",
      { class: "input", id: "schema-example" },
      ...Object.entries(words.examples).map(option),
    );
    examples.addEventListener("change", () => this.#take(examples));
    return h(
      "div",
      { class: "field" },
      mayChange && h("label", { for: "schema-example" }, words.example),
      mayChange && examples,
      h("label", { for: "choice-schema" }, words.label),
      this.box,
      h("p", { class: "hint", id: "choice-schema-hint" }, words.hint),
      this.wrong,
    );
  }

  #take(examples) {
    this.box.value = EXAMPLES[examples.value] ? shown(EXAMPLES[examples.value]) : "";
    this.#tell("");
  }

  #checkSoon() {
    clearTimeout(this.timer);
    const isJson = !this.box.value.trim() || parsed(this.box.value);
    this.#tell(isJson ? "" : words.notJson);
    if (isJson && this.box.value.trim()) this.timer = setTimeout(() => this.#check(this.box.value), 300);
  }

  async #check(written) {
    try {
      const { why } = await request("POST", "/api/schemas/", { schema: parsed(written) });
      if (this.box.value === written) this.#tell(why);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #tell(why) {
    this.box.setCustomValidity(why);
    setText(this.wrong, why);
  }
}

function parsed(written) {
  try {
    const value = JSON.parse(written);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
