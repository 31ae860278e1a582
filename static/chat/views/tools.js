/** Which tools the model may call in a conversation. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";
import { BrowserChoice } from "./browser.js";

const words = strings.tools;

export class ToolChoices {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  /**
   * @param {string[]|undefined} chosen without a choice those that are on in the team
   * @param {object[]} [offered] what the team may use
   * @param {{mayChange: boolean, refused: string, computer?: {chosen: unknown, rules: object, refused: string}}} standing
   *   `refused` is why the deployment can't, of the computer why nobody can here
   */
  show(chosen, offered = [], { mayChange, refused, computer }) {
    Object.assign(this, { offered, refused });
    this.browser =
      computer &&
      new BrowserChoice(computer.chosen, computer.rules, { isFree: mayChange, refused: computer.refused });
    const isOn = tool => chosen?.includes(tool.name) ?? tool.on;
    this.boxes = new Map(
      offered.map(tool => [tool.name, this.#box(tool, isOn(tool), mayChange && !refused)]),
    );
    const rows = offered.map(tool => this.#row(tool));
    this.place.replaceChildren(
      h(
        "fieldset",
        { class: "tool-choices" },
        h("legend", {}, words.title),
        h("p", { class: "hint" }, refused || (rows.length ? words.hint : words.none)),
        ...(refused ? [] : rows),
        this.browser?.element,
      ),
    );
  }

  /** @returns {{tools?: string[], computer?: unknown}} nothing where it is as the team has it, or the deployment can't */
  read() {
    const computer = this.browser?.read();
    return { ...this.#names(), ...(computer === undefined ? {} : { computer }) };
  }

  #names() {
    if (this.refused) return {};
    const names = [...this.boxes].filter(([, box]) => box.checked).map(([name]) => name);
    const isUsual = this.offered.every(tool => this.boxes.get(tool.name).checked === tool.on);
    return isUsual ? {} : { tools: names };
  }

  #box({ name }, checked, isFree) {
    const box = h("input", { type: "checkbox", id: `tool-${name}`, "aria-describedby": `tool-${name}-hint` });
    box.checked = checked;
    box.disabled = !isFree;
    return box;
  }

  #row({ name, title, description, asks }) {
    const hint = h("p", { class: "hint", id: `tool-${name}-hint` }, description);
    if (asks) hint.append(" ", h("span", { class: "tool-asks" }, icon("shield"), words.asks));
    return h(
      "div",
      { class: "tool-choice" },
      this.boxes.get(name),
      h("label", { for: `tool-${name}` }, title),
      hint,
    );
  }
}
