/** Generators of Markdown, of the kind that models write and of the kind that nobody should. */

import fc from "fast-check";

const word = fc.constantFrom(
  ...["alpha", "beta", "**bold**", "*it*", "`code`", "a_b_c", "[link](https://example.org/x)", "<b>raw</b>"],
  ...[
    "https://example.org/a?b=c",
    "1.",
    "- dash",
    "#tag",
    "x < y",
    "&amp;",
    "~~gone~~",
    "![alt](https://e.org/i.png)",
  ],
  ...["[ref][one]", "[one]", "\\*", "**open", "`open", "emoji 😀", "|"],
);
const words = fc.array(word, { minLength: 1, maxLength: 8 }).map(list => list.join(" "));
const paragraph = fc.array(words, { minLength: 1, maxLength: 3 }).map(lines => lines.join("\n"));
const heading = fc
  .tuple(fc.integer({ min: 1, max: 6 }), words)
  .map(([level, text]) => `${"#".repeat(level)} ${text}`);
const setext = fc.tuple(words, fc.constantFrom("---", "===")).map(([text, line]) => `${text}\n${line}`);
const fence = fc
  .record({
    marker: fc.constantFrom("```", "~~~", "````"),
    info: fc.constantFrom("", "python", "js", "unknown lang"),
    lines: fc.array(
      fc.constantFrom("x = 1", "  indented", "", "``", "~~", "# no heading", "/* a", "*/", "- no list"),
      {
        maxLength: 6,
      },
    ),
    indent: fc.constantFrom("", " ", "   "),
    closed: fc.boolean(),
  })
  .map(({ marker, info, lines, indent, closed }) =>
    [marker + info, ...lines, ...(closed ? [marker] : [])].map(line => indent + line).join("\n"),
  );
const table = fc
  .tuple(fc.constantFrom("| --- | :-: |", "| ---: | --- |"), fc.array(fc.tuple(word, word), { maxLength: 5 }))
  .map(([rule, rows]) => ["| one | two |", rule, ...rows.map(([a, b]) => `| ${a} | ${b} |`)].join("\n"));
const inner = fc.oneof(paragraph, fence, heading);
const item = fc.tuple(
  fc.constantFrom("- ", "* ", "1. ", "2) ", " - ", "  - "),
  fc.array(inner, { minLength: 1, maxLength: 2 }),
);
const indented = ([marker, parts]) =>
  marker +
  parts
    .join("\n\n")
    .split("\n")
    .join(`\n${" ".repeat(marker.length)}`);
const list = fc
  .tuple(fc.array(item.map(indented), { minLength: 1, maxLength: 5 }), fc.constantFrom("\n", "\n\n"))
  .map(([items, gap]) => items.join(gap));
const quote = fc.oneof(paragraph, list).map(text => text.replace(/^/gm, "> "));
const definition = fc.constantFrom(
  "[one]: https://example.org/one",
  "[one]: https://example.org/two 'title'",
);
const rule = fc.constantFrom("---", "***", "- - -");
const indentedCode = fc.constant("    indented code\n    more");

const block = fc.oneof(paragraph, heading, setext, fence, table, list, quote, definition, rule, indentedCode);

export const markdown = fc
  .array(fc.tuple(block, fc.constantFrom("\n", "\n\n", "\n\n\n")), { minLength: 1, maxLength: 8 })
  .map(parts => parts.flat().join(""));

/** Any text of characters that mean something in Markdown. */
export const noise = fc
  .array(fc.constantFrom(..."ab \n\n-*_`~#>|[]():1.!<\\", "    ", "```", "\n- ", "\n1. ", "|-|\n"), {
    maxLength: 120,
  })
  .map(parts => parts.join(""));

/** `text` cut into pieces of at most `most` characters, at places that `random` picks. */
export function pieces(text, lengths) {
  const parts = [];
  let at = 0;
  for (let index = 0; at < text.length; index++) {
    const length = lengths[index % lengths.length];
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
}

export const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
