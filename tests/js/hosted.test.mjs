import { window } from "./page.mjs";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { block, inLines } from "../../static/chat/structured.js";
import { HostedTools } from "../../static/chat/views/hosted.js";
import { SchemaField } from "../../static/chat/views/schema.js";

globalThis.Event = window.Event;

const SERVERS = [
  { label: "docs", description: "Our handbook" },
  { label: "tickets", description: "" },
];
let place;
let tools;

beforeEach(() => {
  place = document.createElement("div");
  tools = new HostedTools(place);
});

const show = (choices = {}, abilities = {}, mayChange = true) =>
  tools.show(choices, { abilities }, { mayChange, servers: SERVERS });
const box = name => place.querySelector(`[id="tool-${name}"]`);
const flip = (name, isOn = true) => {
  box(name).checked = isOn;
  box(name).dispatchEvent(new Event("change"));
};
const fields = name => box(name).parentElement.querySelectorAll(".hosted-settings .input");

test("nothing is switched on by itself, and other choices stay", () => {
  show();
  assert.deepEqual(tools.applied({ effort: "low" }), { effort: "low" });
});

test("what was chosen comes back as it was", () => {
  const choices = {
    web_search: { search_context_size: "low" },
    file_search: { vector_store_ids: ["vs_1", "vs_2"] },
    code_interpreter: {},
    mcp: ["tickets"],
  };
  show(choices);
  assert.deepEqual(tools.applied(choices), choices);
});

test("a switch shows its settings, and brings those that were set", () => {
  show();
  assert.ok(fields("web_search")[0].closest(".hosted-settings").hidden);
  flip("web_search");
  flip("file_search");
  flip("mcp:docs");
  assert.ok(!fields("web_search")[0].closest(".hosted-settings").hidden);
  fields("file_search")[0].value = " vs_1,vs_2  vs_1 ";
  const made = tools.applied({});
  assert.deepEqual(made, {
    web_search: {},
    file_search: { vector_store_ids: ["vs_1", "vs_2"] },
    mcp: ["docs"],
  });
  flip("file_search", false);
  assert.ok(fields("file_search")[0].disabled);
  assert.equal(tools.applied(made).file_search, undefined);
});

test("what the deployment can't do has its reason in place of a switch, and is dropped", () => {
  show({ web_search: {}, mcp: ["docs"] }, { web_search: "No web search here.", mcp: "No MCP here." });
  assert.equal(box("web_search"), null);
  assert.equal(box("mcp:docs"), null);
  assert.match(
    place.querySelector(".refusals").textContent,
    /Web search No web search here.*MCP No MCP here/,
  );
  assert.deepEqual(tools.applied({ web_search: {}, mcp: ["docs"] }), {});
});

test("who may not change it sees it", () => {
  show({ web_search: {} }, {}, false);
  assert.ok(box("web_search").checked && box("web_search").disabled && fields("web_search")[0].disabled);
});

test("an example of a schema is taken, and what is no JSON can't be saved", () => {
  const field = new SchemaField(place);
  field.show({}, { abilities: {} }, { mayChange: true });
  const examples = place.querySelector("#schema-example");
  examples.value = "tasks";
  examples.dispatchEvent(new Event("change"));
  assert.equal(JSON.parse(field.applied({}).schema).title, "tasks");
  field.box.value = "{";
  field.box.dispatchEvent(new Event("input"));
  assert.ok(!field.box.checkValidity());
  field.box.value = "";
  field.box.dispatchEvent(new Event("input"));
  assert.ok(field.box.checkValidity());
  assert.deepEqual(field.applied({ schema: "{}", top_p: 1 }), { top_p: 1 });
});

test("an answer in a form is shown as code, in lines once it is whole", () => {
  assert.equal(block('{"a":', true), '```json\n{"a":');
  assert.equal(block('{"a":1}', false), '```json\n{\n  "a": 1\n}\n```');
  assert.equal(block('{"a":"```"}', false).split("\n")[0], "````json");
  assert.equal(inLines("no JSON"), "no JSON");
});
