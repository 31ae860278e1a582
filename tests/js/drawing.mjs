/**
 * The page's own reducer and views, driven from outside: a JSON command a line on stdin, what came of it as a line on
 * stdout. tests/chat/test_shapes.py gives it whatever a server may say.
 */

import { window } from "./page.mjs";
import { createInterface } from "node:readline";
import { answerText, stateOf } from "../../static/chat/content.js";
import { EMPTY, reduce } from "../../static/chat/transcript.js";

window.HTMLElement.prototype.scrollIntoView = () => {};
globalThis.matchMedia = () => ({ matches: true });
const { Items } = await import("../../static/chat/views/items.js");

const SAFE_LINK = /^(?:https?:|mailto:)/i;
const SAFE_IMAGE =
  /^(?:\/api\/responses\/r1\/files\/[0-9a-f]{64}\/$|data:image\/(?:png|jpeg|gif|webp);base64,)/;

/** @returns {string} what must not be on the page; empty where all is well */
function harmIn(root) {
  for (const element of root.querySelectorAll("*")) {
    if (/^(?:script|iframe|object|embed|style|form|base|meta)$/.test(element.localName))
      return element.outerHTML;
    for (const { name, value } of element.attributes) {
      if (/^(?:on|style)/.test(name)) return element.outerHTML;
      if (name === "href" && element.localName === "a" && !SAFE_LINK.test(value)) return element.outerHTML;
      if (name === "src" && !SAFE_IMAGE.test(value)) return element.outerHTML;
    }
  }
  return "";
}

const fold = ({ events }) => {
  const { items, status, upstream_seq } = events.reduce(reduce, EMPTY);
  return { items, status, upstream_seq };
};

/** Once while it is written and once at its end, with all that is folded. */
function draw({ items }) {
  const view = new Items();
  for (const status of ["in_progress", "completed"]) {
    const response = { id: "r1", status, items, usage: null };
    view.draw(response, 0);
    stateOf(response);
    answerText(response);
    for (const details of view.element.querySelectorAll("details")) {
      details.open = true;
      details.dispatchEvent(new window.Event("toggle"));
    }
    const harm = harmIn(view.element);
    if (harm) throw new Error(`harm: ${harm}`);
  }
  return { text: view.element.textContent };
}

const commands = { fold, draw };

function answer(command) {
  try {
    return commands[command.do](command);
  } catch (error) {
    return { trouble: error.stack };
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
