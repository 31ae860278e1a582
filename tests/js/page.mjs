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

export { window };
