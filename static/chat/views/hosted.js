/** Switches of the tools that run upstream, each with its few settings; what the deployment can't do has its reason. */

import { h } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.hosted;

/**
 * A setting is a select of `values`, or `ids`: a text with one or several of them.
 * @typedef {{name: string, values?: string[], isIds?: boolean}} Setting
 */

/** @type {Map<string, Setting[]>} by choice, which is the name of its ability too */
const TOOLS = new Map([
  ["web_search", [{ name: "search_context_size", values: ["low", "medium", "high"] }]],
  ["file_search", [{ name: "vector_store_ids", isIds: true }]],
  ["code_interpreter", [{ name: "memory_limit", values: ["1g", "4g", "16g", "64g"] }]],
  [
    "image_generation",
    [
      { name: "quality", values: ["low", "medium", "high"] },
      { name: "size", values: ["1024x1024", "1024x1536", "1536x1024"] },
    ],
  ],
]);

export class HostedTools {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    place.addEventListener("invalid", () => (this.fold.open = true), true);
  }

  /**
   * @param {object} choices of the conversation
   * @param {object} deployment with its `abilities`
   * @param {{mayChange: boolean, servers: {label: string, description: string}[]}} standing
   */
  show(choices, deployment, { mayChange, servers }) {
    const whyNot = name => deployment?.abilities?.[name] ?? "";
    this.switches = new Map();
    this.mayChange = mayChange;
    const names = [...TOOLS.keys()];
    const offered = names.filter(name => !whyNot(name));
    const refused = [...names, ...(servers.length ? ["mcp"] : [])].filter(whyNot);
    const tools = offered.map(name => this.#tool(name, choices[name]));
    const mcp = whyNot("mcp") ? [] : servers.map(server => this.#server(server, choices.mcp ?? []));
    const isUsed = [...names, "mcp"].some(name => choices[name]);
    this.fold = h(
      "details",
      { class: "more", open: isUsed },
      h("summary", {}, words.title),
      h("div", { class: "hosted" }, ...tools, ...mcp),
      refused.length &&
        h("ul", { class: "hint refusals" }, ...refused.map(name => refusal(name, whyNot(name)))),
    );
    this.place.replaceChildren(this.fold);
  }

  /** @returns {object} these choices, with the tools as they are switched here */
  applied(choices) {
    const made = { ...choices };
    for (const name of [...TOOLS.keys(), "mcp"]) delete made[name];
    for (const [name, { box, inputs }] of this.switches)
      if (box.checked && TOOLS.has(name)) made[name] = settingsOf(inputs);
    const labels = [...this.switches].filter(([name, { box }]) => !TOOLS.has(name) && box.checked);
    if (labels.length) made.mcp = labels.map(([name]) => name.slice("mcp:".length));
    return made;
  }

  #tool(name, chosen) {
    const inputs = TOOLS.get(name).map(setting => [setting, this.#input(setting, chosen?.[setting.name])]);
    const row = ([setting, input]) => h("label", {}, h("span", {}, words[name][setting.name]), input);
    const settings = h("div", { class: "hosted-settings" }, ...inputs.map(row));
    return this.#switch(name, words[name], Boolean(chosen), { settings, inputs });
  }

  #server({ label, description }, chosen) {
    const told = { label: words.mcp.of(label), hint: description || words.mcp.hint };
    return this.#switch(`mcp:${label}`, told, chosen.includes(label), { inputs: [] });
  }

  #switch(name, { label, hint }, isOn, { settings, inputs }) {
    const id = `tool-${name}`;
    const box = h("input", { type: "checkbox", id, "aria-describedby": `${id}-hint`, checked: isOn });
    const show = () => {
      if (settings) settings.hidden = !box.checked;
      for (const [, input] of inputs) input.disabled = !(this.mayChange && box.checked);
    };
    box.disabled = !this.mayChange;
    box.addEventListener("change", show);
    show();
    this.switches.set(name, { box, inputs });
    return h(
      "div",
      { class: "hosted-tool" },
      box,
      h("label", { for: id }, label),
      h("p", { class: "hint", id: `${id}-hint` }, hint),
      settings,
    );
  }

  #input({ values, isIds }, chosen) {
    if (isIds) return idsInput(chosen);
    const option = value => h("option", { value, selected: value === chosen }, words.values[value] ?? value);
    return h(
      "select",
      { class: "input" },
      h("option", { value: "" }, strings.parameters.usual),
      ...values.map(option),
    );
  }
}

const idsInput = chosen =>
  h("input", {
    class: "input",
    required: true,
    pattern: "\\s*\\S{1,100}([\\s,]+\\S{1,100}){0,9}\\s*",
    value: (chosen ?? []).join(", "),
    placeholder: "vs_…",
    title: words.file_search.wrong,
  });

const idsOf = text => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

function settingsOf(inputs) {
  const made = inputs.map(([{ name, isIds }, input]) => [name, isIds ? idsOf(input.value) : input.value]);
  return Object.fromEntries(made.filter(([, value]) => value.length));
}

const refusal = (name, why) =>
  h("li", {}, h("strong", {}, name === "mcp" ? words.mcp.label : words[name].label), ` ${why}`);
