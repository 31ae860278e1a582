import { window } from "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNotStart } from "../../static/chat/views/browser.js";
import { ToolChoices } from "../../static/chat/views/tools.js";

const RULES = {
  may_choose: true,
  usual: {
    start_url: "https://shop.example.com/",
    display_width: 1024,
    display_height: 768,
    most_steps: 5,
    most_seconds: 600,
  },
  most: { display_width: 1600, display_height: 1200, most_steps: 20, most_seconds: 600 },
  sites: ["shop.example.com", "*.example.org", "10.0.0.1:8000"],
};

const shown = (computer, mayChange = true) => {
  const place = document.createElement("div");
  const tools = new ToolChoices(place);
  tools.show(undefined, [], { mayChange, refused: "", computer });
  return { tools, place, box: place.querySelector("#tool-computer"), text: place.textContent };
};

test("a browser is chosen where there may be one", () => {
  const { tools, box } = shown({ rules: RULES, refused: "" });
  assert.deepEqual(tools.read(), {});
  box.checked = true;
  assert.deepEqual(tools.read(), { computer: true });
});

test("where the team has none it is not offered", () => {
  assert.equal(shown(undefined).box, null);
});

test("where no browser can be had the options say why, and it can't be chosen", () => {
  const { box, text } = shown({ rules: RULES, refused: "No Chromium was found on this machine." });
  assert.ok(box.disabled);
  assert.match(text, /No Chromium was found/);
});

test("what a browser begins with is chosen as far as the team allows", () => {
  const { tools, place } = shown({ chosen: { most_steps: 3 }, rules: RULES, refused: "" });
  const steps = place.querySelector("#browser-most_steps");
  assert.deepEqual([steps.value, steps.max, steps.placeholder], ["3", "20", "5"]);
  place.querySelector("#browser-display_width").value = "1280";
  place.querySelector("#browser-start_url").value = " https://shop.example.com/lamps ";
  assert.deepEqual(tools.read().computer, {
    start_url: "https://shop.example.com/lamps",
    display_width: 1280,
    most_steps: 3,
  });
});

test("a start page elsewhere is told in a sentence and keeps the dialog open", () => {
  const { place } = shown({ chosen: true, rules: RULES, refused: "" });
  const start = place.querySelector("#browser-start_url");
  start.value = "https://elsewhere.example.net/";
  start.dispatchEvent(new window.Event("input"));
  assert.ok(!start.checkValidity());
  assert.match(place.querySelector("#browser-wrong").textContent, /one of the sites .* shop\.example\.com/);
});

test("without a browser none of it keeps the dialog open", () => {
  const { place, box } = shown({ chosen: { most_steps: 90 }, rules: RULES, refused: "" });
  const steps = place.querySelector("#browser-most_steps");
  assert.ok(!steps.checkValidity());
  box.checked = false;
  box.dispatchEvent(new window.Event("change"));
  assert.ok(steps.disabled && place.querySelector(".browser-plan").hidden);
});

test("where the team leaves nothing to choose nothing is offered", () => {
  const { tools, place } = shown({ chosen: true, rules: { ...RULES, may_choose: false }, refused: "" });
  assert.equal(place.querySelector(".browser-plan"), null);
  assert.deepEqual(tools.read(), { computer: true });
});

test("a start page is judged as the server does", () => {
  const fine = ["https://shop.example.com/a?b", "http://a.b.example.org/", "http://10.0.0.1:8000/"];
  for (const each of fine) assert.equal(whyNotStart(each, RULES.sites), "", each);
  const wrong = [
    "https://example.org/",
    "http://10.0.0.1/",
    "https://shop.example.com:8443/",
    "shop",
    "file:///a",
  ];
  for (const each of wrong) assert.notEqual(whyNotStart(each, RULES.sites), "", each);
});
