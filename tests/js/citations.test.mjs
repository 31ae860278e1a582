import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { marked, sourcesOf, webAddress } from "../../static/chat/citations.js";

const SITE = { type: "url_citation", url: "https://www.site.test/a", title: "A page" };
const FILE = { type: "file_citation", file_id: "file-1", filename: "notes.md" };

const answer = (text, ...annotations) => {
  const part = { type: "output_text", text, annotations };
  return { part, sources: sourcesOf({ items: [{ type: "message", content: [part] }] }) };
};

/** With ⟨n⟩ for the mark of source n. */
const read = (text, ...annotations) => {
  const { part, sources } = answer(text, ...annotations);
  return marked(part, sources).replace(/\uE000(\d+)\uE001/g, "⟨$1⟩");
};

const covering = (note, text, words) => {
  const start = Array.from(text.slice(0, text.indexOf(words))).length;
  return { ...note, start_index: start, end_index: start + Array.from(words).length };
};

test("a link to a source becomes its mark, and other words keep theirs", () => {
  const link = "It is so ([A page](https://www.site.test/a)). More.";
  assert.equal(read(link, covering(SITE, link, "([A page](https://www.site.test/a))")), "It is so⟨1⟩. More.");
  const plain = "It is so. More.";
  assert.equal(read(plain, covering(SITE, plain, "It is so.")), "It is so.⟨1⟩ More.");
});

test("places are counted in whole characters", () => {
  const text = "👍🏽 fine [A page](https://www.site.test/a)!";
  assert.equal(read(text, covering(SITE, text, "[A page](https://www.site.test/a)")), "👍🏽 fine⟨1⟩!");
});

test("a file has a place and a name, and no address", () => {
  const { sources } = answer("Read.", { ...FILE, index: 5 });
  assert.deepEqual(
    [...sources.values()],
    [{ key: "file-1", title: "notes.md", address: "", note: "", number: 1 }],
  );
  assert.equal(read("Read. More.", { ...FILE, index: 5 }), "Read.⟨1⟩ More.");
  const made = "See [squares.csv](sandbox:/mnt/data/squares.csv).";
  const note = { type: "container_file_citation", file_id: "cfile_1", filename: "squares.csv" };
  assert.equal(
    read(made, covering(note, made, "[squares.csv](sandbox:/mnt/data/squares.csv)")),
    "See squares.csv⟨1⟩.",
  );
});

test("a source that is cited twice is listed once", () => {
  const { sources } = answer("ab", { ...SITE, index: 1 }, { ...FILE, index: 1 }, { ...SITE, index: 2 });
  assert.deepEqual(
    [...sources.values()].map(({ number, title }) => [number, title]),
    [
      [1, "A page"],
      [2, "notes.md"],
    ],
  );
});

test("there is no mark in code, and none is taken into an address", () => {
  const code = "Look:\n```\nprint(1)\n```\nDone.";
  assert.equal(read(code, { ...FILE, index: 16 }), code);
  assert.equal(read("See https://x.test/a now", { ...FILE, index: 20 }), "See https://x.test/a ⟨1⟩ now");
});

test("only the web can be opened from here", () => {
  for (const address of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "/logout/",
    "",
    null,
    7,
  ])
    assert.equal(webAddress(address), null);
  assert.equal(answer("x", { ...SITE, url: "javascript:alert(1)" }).sources.size, 0);
});

test("annotations may say anything, and no word is lost for it", () => {
  const odd = fc.oneof(fc.integer(), fc.double(), fc.constant(null), fc.string(), fc.constant(undefined));
  const note = fc.record({
    type: fc.constantFrom("url_citation", "file_citation", "toString", 3),
    url: fc.constantFrom(SITE.url, 7),
    file_id: fc.constantFrom("f", null),
    start_index: odd,
    end_index: odd,
    index: odd,
  });
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.oneof(note, odd)), (text, notes) => {
      const clean = text.replace(/[\uE000\uE001]/g, "");
      assert.equal(read(text, ...notes).replace(/⟨\d+⟩/g, ""), clean);
    }),
  );
});
