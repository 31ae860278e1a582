/**
 * The items of an answer in their order, each drawn by the view of its type, and the sources below them.
 *
 * A view has an `element` and `draw(item, about)`, which tells whether the next frame has more to show.
 *
 * @typedef {{
 *   response: object, sources: Map, isOpen: boolean, isGrowing: boolean, isFirst: boolean, isAtOnce: boolean, now: number,
 * }} About
 *   `isOpen` while the response runs, `isGrowing` for its last item then, `isFirst` for the first of its type, `isAtOnce`
 *   where it was there when the page came
 */

import { sourcesOf } from "../citations.js";
import { isMessage, itemsOf } from "../content.js";
import { h } from "../dom.js";
import { isTerminal } from "../transcript.js";
import { CallView } from "./call.js";
import { Prose } from "./prose.js";
import { Reasoning } from "./reasoning.js";
import { Sources } from "./sources.js";
import { Step } from "./step.js";

/** Every other type is a step, which is described in views/items/. */
const VIEWS = new Map([
  ["message", Prose],
  ["reasoning", Reasoning],
  ["function_call", CallView],
  ["mcp_approval_request", CallView],
]);

const viewOf = item => VIEWS.get(isMessage(item) ? "message" : item.type) ?? Step;

export class Items {
  /** @param {object} actions for those who decide about calls */
  constructor(actions) {
    this.actions = actions;
    this.list = h("div", { class: "answer-items" });
    this.sources = new Sources();
    this.element = h("div", { class: "answer-body" }, this.list, this.sources.element);
    this.views = [];
    this.isNew = true;
  }

  /** @returns {boolean} whether the next frame has more to show */
  draw(response, now) {
    const items = itemsOf(response);
    const isOpen = !isTerminal(response);
    const common = { response, sources: sourcesOf(response), isOpen, isAtOnce: this.isNew, now };
    while (this.views.length > items.length) this.views.pop().element.remove();
    let isBehind = false;
    for (const [index, item] of items.entries()) {
      const isGrowing = isOpen && index === items.length - 1;
      const isFirst = items.findIndex(each => each.type === item.type) === index;
      isBehind = this.#viewAt(index, item).draw(item, { ...common, isGrowing, isFirst }) || isBehind;
    }
    this.isNew = false;
    this.sources.draw(common.sources);
    return isBehind;
  }

  /** A place may be opened before the item that belongs there is known. */
  #viewAt(index, item) {
    const kind = viewOf(item);
    if (this.views[index] instanceof kind) return this.views[index];
    const view = new kind(this.actions);
    if (this.views[index]) this.views[index].element.replaceWith(view.element);
    else this.list.append(view.element);
    this.views[index] = view;
    return view;
  }
}
