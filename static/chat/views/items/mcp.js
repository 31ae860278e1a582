/** What MCP servers offer, are asked and answer. */

import { h } from "../../dom.js";
import { listOf, objectOf, textOf } from "../../loose.js";
import { strings } from "../../strings.js";
import { jsonBlock, labelled, paragraph } from "./bits.js";

const words = strings.steps;

/** An error is a text, or an object of one kind or another. */
export function errorText(error) {
  if (!error) return "";
  const { message, content } = objectOf(error);
  return textOf(error) || textOf(message) || textOf(content) || JSON.stringify(error);
}

export function mcpListTools(item, { state }) {
  const tools = listOf(item.tools).map(objectOf);
  const error = errorText(item.error);
  const label = textOf(item.server_label);
  return {
    icon: "plug",
    title: state === "running" ? words.listing(label) : words.offers(label, tools.length),
    subject: error,
    details: tools.length ? () => [h("dl", { class: "step-tools" }, ...tools.map(tool))] : null,
  };
}

const tool = ({ name, description }) =>
  h("div", {}, h("dt", {}, textOf(name)), h("dd", {}, textOf(description)));

export function mcpCall(item, { state }) {
  const error = errorText(item.error);
  return {
    icon: "plug",
    title: words.calls(textOf(item.name))[state === "running" ? 0 : 1],
    subject: words.onServer(textOf(item.server_label)),
    details: () => [
      labelled(words.arguments, jsonBlock(item.arguments)),
      labelled(words.error, paragraph(error, "is-error")),
      labelled(words.output, item.output && jsonBlock(item.output)),
    ],
  };
}

export const mcpApprovalResponse = item => ({
  icon: "shield",
  title: item.approve === true ? words.approved : words.declined,
  subject: textOf(item.reason),
});
