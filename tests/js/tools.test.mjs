import "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolChoices } from "../../static/chat/views/tools.js";

const shown = (computer, mayChange = true) => {
  const place = document.createElement("div");
  const tools = new ToolChoices(place);
  tools.show(undefined, [], { mayChange, refused: "", computer });
  return { tools, box: place.querySelector("#tool-computer"), text: place.textContent };
};

test("a browser is chosen where there may be one", () => {
  const { tools, box } = shown({ isOn: false, refused: "" });
  assert.deepEqual(tools.read(), {});
  box.checked = true;
  assert.deepEqual(tools.read(), { computer: true });
});

test("where the team has none it is not offered", () => {
  assert.equal(shown(undefined).box, null);
});

test("where no browser can be had the options say why, and it can't be chosen", () => {
  const { box, text } = shown({ isOn: false, refused: "No Chromium was found on this machine." });
  assert.ok(box.disabled);
  assert.match(text, /No Chromium was found/);
});
