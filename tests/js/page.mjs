/** A page for the modules that draw: import this first. */

import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><html data-icons='/icons.svg'><body></body></html>", {
  url: "http://chat.test/",
});
Object.assign(globalThis, {
  window,
  document: window.document,
  Node: window.Node,
  HTMLElement: window.HTMLElement,
  localStorage: window.localStorage,
});

forgetNodeIterators(window.document);

/**
 * jsdom walks every node iterator that a document ever made at each removal of a node, until the garbage collector has
 * taken them; the sanitiser makes one for each piece of Markdown. Only the newest one is in use at any time.
 */
function forgetNodeIterators(document) {
  const symbol = Object.getOwnPropertySymbols(document).find(each => each.description === "impl");
  const prototype = Object.getPrototypeOf(document[symbol]);
  const create = prototype.createNodeIterator;
  prototype.createNodeIterator = function createNodeIterator(...args) {
    this._workingNodeIterators = new this._workingNodeIterators.constructor();
    return create.apply(this, args);
  };
}

export { window };
