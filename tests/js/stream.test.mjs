import "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BUDGET, drawWhole, MarkdownStream } from "../../static/chat/markdown/stream.js";
import { finished } from "../../static/chat/markdown/unfinished.js";
import { lengths, markdown, noise, pieces } from "./markdown.mjs";

/** The last parse, the references and the final colouring come on top. */
const GROWTH_ONCE = 4;

const streamed = parts => {
  const root = document.createElement("div");
  const stream = new MarkdownStream(root);
  for (const part of parts) stream.append(part);
  stream.finish();
  return { root, stream };
};

const whole = text => {
  const root = document.createElement("div");
  root.append(...drawWhole(text));
  return root;
};

/** White space between elements depends on where a list was cut, and shows nowhere. */
const html = root => {
  const copy = root.cloneNode(true);
  for (const parent of copy.querySelectorAll("ul, ol, table, thead, tbody, tr, li, blockquote"))
    for (const node of [...parent.childNodes]) if (node.nodeType === 3 && !node.data.trim()) node.remove();
  copy.normalize();
  return copy.innerHTML;
};

const sameAsWhole = (text, parts) => assert.equal(html(streamed(parts).root), html(whole(text)));

test("a streamed answer ends as a whole render, however it was cut", () => {
  fc.assert(
    fc.property(markdown, lengths, (text, cuts) => sameAsWhole(text, pieces(text, cuts))),
    { numRuns: 60, includeErrorInReport: true },
  );
});

test("so does any heap of Markdown's own characters", () => {
  fc.assert(
    fc.property(noise, lengths, (text, cuts) => sameAsWhole(text, pieces(text, cuts))),
    { numRuns: 500, includeErrorInReport: true },
  );
});

const SHAPES = {
  "short paragraphs": size =>
    "Some **words** with `code` and [a link](https://example.org). \n\n".repeat(size / 60),
  "one paragraph": size => "word **bold** `code` ".repeat(size / 20),
  "one line without a space": size => "x".repeat(size),
  "one list": size => "- an item of **text**\n".repeat(size / 20),
  "one item of many paragraphs": size => `- start\n\n${"  a paragraph inside\n\n".repeat(size / 20)}`,
  "one table": size => `| a | b |\n| --- | --- |\n${"| one | two |\n".repeat(size / 14)}`,
  "a table with a huge head": size =>
    `|${" head |".repeat(size / 28)}\n|${" --- |".repeat(size / 28)}\n${"| x |\n".repeat(size / 12)}`,
  "one quotation": size => "> quoted **text** here\n".repeat(size / 22),
  "one piece of code": size =>
    `\`\`\`python\n${"value = compute(1, 'two')  # three\n".repeat(size / 34)}\`\`\`\n`,
  "code in a list": size => `1. so:\n\n   \`\`\`js\n${"   const a = 1;\n".repeat(size / 15)}   \`\`\`\n`,
  "markers only": size => "- ".repeat(size / 2),
};

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`the work for ${name} grows with the length of the answer`, () => {
    for (const size of [500, 2_500]) {
      const text = shape(size);
      const { stream } = streamed(pieces(text, [1, 7, 3, 4]));
      assert.ok(stream.work <= (BUDGET + GROWTH_ONCE) * text.length, `${stream.work} for ${text.length}`);
    }
  });
}

test("what is finished is the same element from then on", () => {
  const root = document.createElement("div");
  const stream = new MarkdownStream(root);
  stream.append("# Title\n\nFirst paragraph.\n\n- one\n- two\n- three\n");
  const [title, paragraph, list] = root.children;
  const [one] = list.children;
  for (const piece of pieces("- four\n- five\n\nThe **end**.\n\n```js\nlet a = 1;\n```\n", [3]))
    stream.append(piece);
  stream.finish();
  assert.deepEqual([...root.children].slice(0, 3), [title, paragraph, list]);
  assert.equal(list.firstElementChild, one);
  assert.equal(list.childElementCount, 5);
});

test("code has its frame from its first line on", () => {
  const root = document.createElement("div");
  const stream = new MarkdownStream(root);
  stream.append("Look:\n\n```python\n");
  assert.equal(root.querySelector(".code-language").textContent, "Python");
  stream.append("print('hel");
  assert.equal(root.querySelector("code").textContent, "print('hel");
});

test("new text shows at once", () => {
  const root = document.createElement("div");
  const stream = new MarkdownStream(root);
  let text = "";
  for (const piece of pieces(
    "A sentence that goes on and on, word by word, until it ends. ".repeat(8),
    [3],
  )) {
    stream.append(piece);
    text += piece;
    assert.equal(root.textContent.trim(), text.trim());
  }
});

test("bold is bold and a link is its text before they are finished", () => {
  assert.equal(finished("so **very impor"), "so **very impor**");
  assert.equal(finished("so **"), "so");
  assert.equal(finished("use `git sta"), "use `git sta`");
  assert.equal(finished("see [the manual](https://exa"), "see the manual");
  assert.equal(finished("all **done** and `closed`"), "all **done** and `closed`");
  assert.equal(finished("`closed` and **done**"), "`closed` and **done**");
});
