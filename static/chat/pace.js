/**
 * Text comes in bursts and is shown evenly: every frame shows a share of what has come and is not shown yet, and nothing
 * is held back longer than MOST_LAG.
 */

export const MOST_LAG = 120;
const SPREAD = 90;

export class Pace {
  constructor() {
    this.total = 0;
    this.shown = 0;
    this.arrivals = [];
    this.last = null;
  }

  /** @param {number} total characters that have come in all @param {number} now milliseconds */
  arrived(total, now) {
    if (total <= this.total) return;
    if (this.shown === this.total) this.last = now;
    this.total = total;
    this.arrivals.push({ total, at: now });
  }

  /** @returns {number} how many characters to show now */
  advance(now) {
    const share = Math.min(1, (now - (this.last ?? now)) / SPREAD);
    this.last = now;
    let due = this.shown + Math.ceil((this.total - this.shown) * share);
    while (this.arrivals.length && (this.arrivals[0].at <= now - MOST_LAG || this.arrivals[0].total <= due))
      due = Math.max(due, this.arrivals.shift().total);
    this.shown = Math.min(due, this.total);
    return this.shown;
  }

  skip() {
    this.shown = this.total;
    this.arrivals = [];
  }

  get isBehind() {
    return this.shown < this.total;
  }
}

/** A cut at `at` that leaves both halves of an emoji together. */
export function wholeCharacters(text, at) {
  const code = text.charCodeAt(at - 1);
  return at < text.length && code >= 0xd800 && code <= 0xdbff ? at + 1 : at;
}
