/** The frame around a piece of code: its language, a copy button, and colours by class. */

import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import powershell from "highlight.js/lib/languages/powershell";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { h, icon } from "../dom.js";
import { strings } from "../strings.js";
import { toElements } from "./sanitise.js";

const LANGUAGES = {
  ...{ bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, markdown, php },
  ...{ powershell, python, r, ruby, rust, shell, sql, swift, typescript, xml, yaml },
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** Longer code stays plain: colouring it would hold up the page. */
const LONGEST_COLOURED = 100_000;

export const canColour = (language, length) =>
  length <= LONGEST_COLOURED && Boolean(hljs.getLanguage(language));

const label = language => hljs.getLanguage(language)?.name ?? (language || strings.plainCode);

/** @param {HTMLElement} code whose text is coloured, by its `data-language` */
export function colour(code) {
  const text = code.textContent;
  const language = code.dataset.language;
  if (!canColour(language, text.length)) return 0;
  code.replaceChildren(
    ...toElements(hljs.highlight(text, { language, ignoreIllegals: true }).value).childNodes,
  );
  return text.length;
}

/** @param {HTMLElement} pre is put into a frame, which takes its place if it has one */
export function frame(pre) {
  const code = pre.firstElementChild;
  const box = h("div", { class: "code-frame" });
  if (pre.parentNode) pre.replaceWith(box);
  const copy = h(
    "button",
    { type: "button", class: "code-copy", "aria-label": strings.copyCode },
    icon("copy"),
  );
  const language = h("span", { class: "code-language" }, label(code.dataset.language));
  pre.tabIndex = 0;
  box.append(h("div", { class: "code-head" }, language, copy), pre);
  return box;
}
