import "./page.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toElements } from "../../static/chat/markdown/sanitise.js";
import { drawWhole, MarkdownStream } from "../../static/chat/markdown/stream.js";

const drawn = text => {
  const root = document.createElement("div");
  root.append(...drawWhole(text));
  return root;
};

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<iframe src=https://evil.test></iframe>",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "[a](vbscript:x)",
  "[a](/logout/)",
  "[a](//evil.test/x)",
  "![beacon](https://evil.test/pixel.png)",
  "![x](data:image/png;base64,AAAA)",
  '[a](https://x.test "onmouseover=alert(1)")',
  "```<img onerror=alert(1)>\ncode\n```",
  "```python\n<img src=x onerror=alert(1)>\n```",
  "| <b onclick=x> |\n| --- |\n| <i style=x> |",
  "<a href='https://x.test' style='position:fixed'>x</a>",
  '<https://x.test/"onclick=alert(1)>',
];

const SAFE = /^(?:https?:|mailto:)/;

function assertHarmless(root) {
  for (const element of root.querySelectorAll("*")) {
    assert.ok(
      !/^(script|img|iframe|object|embed|style|link|meta|form|input|video|audio|base)$/.test(
        element.localName,
      ),
    );
    for (const { name } of element.attributes)
      assert.ok(!/^(on|style|src)/.test(name), `${element.outerHTML}`);
  }
  for (const link of root.querySelectorAll("a")) {
    assert.match(link.getAttribute("href"), SAFE);
    assert.equal(link.rel, "noopener noreferrer nofollow");
    assert.equal(link.target, "_blank");
  }
}

for (const text of HOSTILE) test(`harmless: ${text}`, () => assertHarmless(drawn(text)));

test("harmless in any mixture, and while it is being written", () => {
  const mixture = fc.array(fc.constantFrom(...HOSTILE, "\n\n", "- ", "> ", "**", " "), { maxLength: 12 });
  fc.assert(
    fc.property(mixture, parts => {
      const root = document.createElement("div");
      const stream = new MarkdownStream(root);
      for (const part of parts) {
        stream.append(part);
        assertHarmless(root);
      }
      stream.finish();
      assertHarmless(root);
    }),
    { numRuns: 60 },
  );
});

test("raw HTML is shown as the text that it is", () => {
  assert.equal(drawn("a <b>c</b>").textContent.trim(), "a <b>c</b>");
});

test("a picture is a link with its alternative text", () => {
  const [link] = drawn("![A chart](https://x.test/chart.png)").querySelectorAll("a");
  assert.equal(link.textContent, "A chart");
  assert.equal(link.getAttribute("href"), "https://x.test/chart.png");
});

test("the second lock holds by itself", () => {
  const box = toElements(
    '<p onclick="x" style="a:b">t<script>1</script><img src="https://e.test"><a href="javascript:1">l</a></p>',
  );
  assert.equal(box.innerHTML, "<p>t<a>l</a></p>");
});
