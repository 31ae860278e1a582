/** Code that ran: the code interpreter, shells, patches. */

import { h } from "../../dom.js";
import { listOf, objectOf, textOf } from "../../loose.js";
import { pictureAddress } from "../../pictures.js";
import { strings } from "../../strings.js";
import { address, codeBlock, facts, jsonBlock, labelled } from "./bits.js";

const words = strings.steps;

export function codeInterpreter(item, { state, response }) {
  const code = textOf(item.code);
  const outputs = listOf(item.outputs).map(objectOf);
  const logs = outputs.map(output => textOf(output.logs)).join("");
  const images = outputs
    .filter(output => output.url)
    .map(({ url }) => ({ url, src: pictureAddress(response.id, url) }));
  const elsewhere = images.filter(({ src }) => !src);
  const hasDetails = code || logs || elsewhere.length;
  return {
    icon: "square-terminal",
    title: words.code[state === "running" ? 0 : 1],
    details: hasDetails
      ? () => [
          codeBlock(code, "python"),
          labelled(words.output, codeBlock(logs)),
          ...elsewhere.map(({ url }) =>
            labelled(words.picture, h("p", { class: "step-text" }, address(url))),
          ),
          facts([[words.container, textOf(item.container_id) || null]]),
        ]
      : null,
    pictures: images.filter(({ src }) => src).map(({ src }, at) => ({ src, alt: words.plot(at + 1) })),
  };
}

export function localShell(item, { state }) {
  const { command, working_directory: folder, user } = objectOf(item.action);
  return shell(state, listOf(command).map(textOf).join(" "), [
    [words.folder, folder],
    [words.user, user],
  ]);
}

export function shellCall(item, { state }) {
  const commands = listOf(objectOf(item.action).commands).map(textOf).filter(Boolean);
  return shell(state, commands.join("\n"), [[words.container, objectOf(item.environment).container_id]]);
}

const shell = (state, command, told) => ({
  icon: "square-terminal",
  title: words.shell[state === "running" ? 0 : 1],
  subject: command.split("\n")[0],
  details: command ? () => [codeBlock(command, "bash"), facts(told)] : null,
});

export function shellOutput(item) {
  const runs = listOf(item.output).map(objectOf);
  const single = textOf(item.output) || textOf(item.result);
  return {
    icon: "square-terminal",
    title: words.shellOutput,
    subject: runs.map(outcomeOf).filter(Boolean).join(", "),
    details:
      runs.length || single
        ? () => [
            jsonBlock(single),
            ...runs.flatMap(({ stdout, stderr }) => [
              labelled(words.output, codeBlock(textOf(stdout))),
              labelled(words.errors, codeBlock(textOf(stderr))),
            ]),
          ]
        : null,
  };
}

function outcomeOf(run) {
  const { type, exit_code: code } = objectOf(run.outcome);
  return type === "timeout" ? words.timeout : Number.isInteger(code) ? words.exitCode(code) : "";
}

export function applyPatch(item, { state }) {
  const { type, path, diff } = objectOf(item.operation);
  const kind = Object.hasOwn(words.patches, type) ? type : "update_file";
  return {
    icon: "file-diff",
    title: words.patches[kind][state === "running" ? 0 : 1],
    subject: textOf(path),
    details: diff ? () => [codeBlock(textOf(diff), "diff")] : null,
  };
}

export const program = item => ({
  icon: "square-terminal",
  title: words.program,
  details: item.code ? () => [codeBlock(textOf(item.code), "javascript")] : null,
});
