import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MOST_LAG, Pace, wholeCharacters } from "../../static/chat/pace.js";

const FRAME = 16;

test("nothing is held back longer than the limit, and nothing is shown before it came", () => {
  const bursts = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 2000 }), size: fc.integer({ min: 1, max: 500 }) }),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(bursts, list => {
      const sorted = list.toSorted((a, b) => a.at - b.at);
      const cameBy = now => sorted.filter(each => each.at <= now).reduce((sum, each) => sum + each.size, 0);
      const pace = new Pace();
      for (let now = 0; now <= 2500; now += FRAME) {
        pace.arrived(cameBy(now), now);
        const shown = pace.advance(now);
        assert.ok(shown <= cameBy(now));
        assert.ok(shown >= cameBy(now - MOST_LAG - FRAME), `${shown} at ${now}`);
      }
      assert.equal(pace.isBehind, false);
    }),
  );
});

test("a burst is spread over several frames", () => {
  const pace = new Pace();
  pace.arrived(300, 0);
  const shown = [FRAME, 2 * FRAME, 3 * FRAME].map(now => pace.advance(now));
  assert.ok(shown[0] > 0 && shown[0] < 150);
  assert.ok(shown[2] < 300);
});

test("an emoji is never cut in two", () => {
  assert.equal(wholeCharacters("a😀b", 2), 3);
  assert.equal(wholeCharacters("a😀b", 3), 3);
  assert.equal(wholeCharacters("ab", 1), 1);
});
