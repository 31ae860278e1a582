import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../static/css/", import.meta.url);
const read = name => readFileSync(new URL(name, folder), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const tokens = read("tokens.css");
const sheets = readdirSync(folder).filter(name => name.endsWith(".css") && name !== "tokens.css");

for (const name of sheets) {
  test(`${name} takes its colours, sizes and fonts from the tokens`, () => {
    const rules = read(name).replace(/@(?:media|container)[^{]*\{/g, "{");
    assert.deepEqual(
      rules.match(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|light-dark)\(|\b\d+(?:\.\d+)?(?:px|rem|pt)\b/g) ?? [],
      [],
    );
    for (const [, used] of rules.matchAll(/var\((--[\w-]+)\)/g))
      assert.ok(tokens.includes(`${used}:`), `${used} is not a token`);
  });
}
