import { window } from "./page.mjs";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { strings } from "../../static/chat/strings.js";
import { Parameters } from "../../static/chat/views/parameters.js";
import { troubleOf } from "../../static/chat/views/trouble.js";

globalThis.Event = window.Event;

const REFUSED = { temperature: "Reasoning models take no temperature.", "effort:minimal": "Not this one." };
const STANDING = { mayChange: true, stores: true };

let place;
let parameters;

beforeEach(() => {
  place = document.createElement("div");
  parameters = new Parameters(place);
});

const show = (choices = {}, abilities = REFUSED, standing = STANDING) =>
  parameters.show(choices, { abilities, keep: "chained" }, standing);
const field = name => place.querySelector(`#choice-${name}`);
const type = (name, value) => {
  field(name).value = value;
  field(name).dispatchEvent(new Event("input"));
  field(name).dispatchEvent(new Event("change"));
};

test("what nobody touched is left to the API", () => {
  show();
  assert.deepEqual(parameters.read(), {});
});

test("what was chosen comes back as it was", () => {
  const choices = {
    keep: "resent",
    effort: "low",
    max_output_tokens: 64,
    top_p: 0.5,
    parallel_tool_calls: false,
    metadata: { case: "7 = seven", who: "" },
    schema: { kept: "by somebody else's field" },
  };
  show(choices);
  assert.deepEqual(parameters.read(), choices);
});

test("a summary by its old name is offered like one by its new name", () => {
  show({}, { summary: "This api-version has generate_summary.", generate_summary: "" });
  assert.ok(field("summary"));
  show({}, { summary: "It does not reason.", generate_summary: "It does not reason." });
  assert.equal(field("summary"), null);
});

test("what the deployment can't do has its reason in place of a field, and is dropped", () => {
  show({ temperature: 1 });
  assert.equal(field("temperature"), null);
  assert.match(place.querySelector(".refusals").textContent, /Temperature Reasoning models take no/);
  assert.deepEqual(parameters.read(), {});
});

test("a model is offered its own efforts", () => {
  show();
  const offered = [...field("effort").options].map(option => option.value);
  assert.deepEqual(offered, ["", "none", "low", "medium", "high", "xhigh", "max"]);
});

test("a model that doesn't reason is offered no effort", () => {
  const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
  const refused = Object.fromEntries(efforts.map(effort => [`effort:${effort}`, "No effort."]));
  show({}, { ...refused, reasoning: "It does not reason." });
  assert.equal(field("effort"), null);
  assert.match(place.querySelector(".refusals").textContent, /It does not reason\./);
});

test("each way of keeping turns says what it means", () => {
  show();
  const hint = () => place.querySelector("#choice-keep-hint").textContent;
  assert.equal(hint(), strings.parameters.keep.consequences.chained);
  type("keep", "not_stored");
  assert.match(hint(), /nothing runs in the background/);
});

test("a team that stores nothing leaves no choice", () => {
  show({}, {}, { mayChange: true, stores: false });
  assert.equal(field("keep").disabled, true);
  assert.equal(place.querySelector("#choice-keep-hint").textContent, strings.parameters.keep.team);
});

test("metadata that the API would refuse isn't saved", () => {
  show();
  const wrong = ["no pair", "run_id = mine", `${"n".repeat(65)} = v`, `n = ${"v".repeat(513)}`];
  for (const text of wrong) {
    type("metadata", text);
    assert.equal(field("metadata").validity.valid, false, text);
  }
  type("metadata", "case = 7\n\n");
  assert.equal(field("metadata").validity.valid, true);
  assert.deepEqual(parameters.read(), { metadata: { case: "7" } });
});

test("reset leaves everything to the API", () => {
  show({ keep: "resent", top_p: 0.5 });
  [...place.querySelectorAll("button")].at(-1).click();
  assert.deepEqual(parameters.read(), {});
});

test("an error that names a choice offers to leave it out", () => {
  const error = { summary: "Refused", message: "Unsupported parameter", choice: "verbosity" };
  const left = [];
  const card = troubleOf(
    { id: "r", status: "failed", error },
    false,
    () => {},
    choice => left.push(choice),
  );
  const button = card.querySelector("button.primary");
  assert.equal(button.textContent, "Leave out “Verbosity” and try again");
  button.click();
  assert.deepEqual(left, ["verbosity"]);
});
