/** Calls of other tools, what they brought, and what nobody here knows. */

import { h } from "../../dom.js";
import { listOf, objectOf, textOf } from "../../loose.js";
import { pictureAddress } from "../../pictures.js";
import { strings } from "../../strings.js";
import { jsonBlock, labelled, lines, paragraph } from "./bits.js";

const words = strings.steps;

export function customCall(item, { state }) {
  const given = item.input;
  return {
    icon: "wrench",
    title: words.calls(textOf(item.name))[state === "running" ? 0 : 1],
    details: given ? () => [labelled(words.arguments, jsonBlock(given))] : null,
  };
}

export function toolOutput(item, { response }) {
  const parts = listOf(item.output).map(objectOf);
  const texts = [textOf(item.output), ...parts.map(part => textOf(part.text))].filter(Boolean);
  const single = objectOf(item.output);
  const images = [...parts, single].map(part => pictureAddress(response.id, part.image_url)).filter(Boolean);
  return {
    icon: "wrench",
    title: words.toolOutput,
    subject: textOf(item.name),
    details: texts.length ? () => texts.map(jsonBlock) : null,
    pictures: images.map(src => ({ src, alt: words.screenshot })),
  };
}

export function computerCall(item, { state }) {
  const actions = [...listOf(item.actions), item.action].filter(Boolean).map(objectOf);
  const checks = listOf(item.pending_safety_checks).map(objectOf);
  return {
    icon: "monitor",
    title: words.computer[state === "running" ? 0 : 1],
    subject: actions.map(actionText).join(", "),
    note: checks.length ? words.checks(checks.length) : "",
    details:
      actions.length || checks.length
        ? () => [
            labelled(words.safety, lines(checks.map(({ code, message }) => textOf(message) || textOf(code)))),
            labelled(
              words.actions,
              h("ol", { class: "step-list" }, ...actions.map(each => h("li", {}, actionText(each)))),
            ),
          ]
        : null,
  };
}

/** Such as: click left 120, 40. */
function actionText({ type, ...given }) {
  const { x, y, ...rest } = given;
  const place = Number.isFinite(x) && Number.isFinite(y) ? `${x}, ${y}` : "";
  const others = Object.values(rest)
    .filter(Boolean)
    .map(each => textOf(each) || JSON.stringify(each));
  return [textOf(type), ...others, place].filter(Boolean).join(" ");
}

export const toolSearch = (item, { state }) => ({
  icon: "search",
  title: words.toolSearch[state === "running" ? 0 : 1],
  details: () => [jsonBlock(item.arguments ?? item.tools)],
});

export const compaction = () => ({ icon: "fold-vertical", title: words.compacted });

/** Named as the API names it, and the whole of it for those who look. */
export const unknown = item => ({
  icon: "braces",
  title: textOf(item.type).replaceAll("_", " ") || words.unnamed,
  note: words.unknown,
  details: () => [jsonBlock(item), paragraph(words.unknownHint)],
});
