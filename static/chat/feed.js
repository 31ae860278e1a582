/**
 * One Response as this page knows it: the row, the items so far and the position up to which they were streamed.
 *
 * A position is {epoch, seq}. Frames of an epoch count from 0 without holes; whatever is lost, doubled or out of order
 * on the way is noticed here, and the caller is told what to read again.
 */

import { merged } from "./calls.js";
import { isTerminal, reduce } from "./transcript.js";

export const START = Object.freeze({ epoch: 0, seq: -1 });

/** More frames than this out of order are not worth keeping: reading again brings them all. */
const HELD_FRAMES = 256;

/** @returns {"old"|"next"|"gap"} what a frame is to a reader whose last frame was `known` */
export function placeOf(frame, known) {
  if (frame.epoch < known.epoch) return "old";
  if (frame.epoch > known.epoch) return frame.seq === 0 ? "next" : "gap";
  if (frame.seq <= known.seq) return "old";
  return frame.seq === known.seq + 1 ? "next" : "gap";
}

const isAhead = (cursor, known) =>
  cursor.epoch > known.epoch || (cursor.epoch === known.epoch && cursor.seq > known.seq);

export class Feed {
  /** @param {object} row a Response as the server writes it, with or without items */
  constructor(row) {
    const { cursor } = row;
    this.response = { ...row, items: row.items ?? [], upstream_seq: cursor?.upstream_seq ?? -1 };
    this.known = cursor ?? START;
    this.held = new Map();
    /** Whether all items are here: a row with a final status may overtake the last frames. */
    this.isWhole = isTerminal(row) && Boolean(row.items);
  }

  /**
   * Takes in a row that was read. A lower revision is out of date; items are taken only where the row knows more of
   * them than the stream has brought.
   * @returns {boolean} whether anything was taken
   */
  merge(row) {
    if (row.revision < this.response.revision) return false;
    const { items, upstream_seq } = this.response;
    const calls = merged(this.response.calls, row.calls);
    this.response = { ...this.response, ...row, items, upstream_seq, calls };
    if (row.items) this.#takeItems(row);
    return true;
  }

  #takeItems({ items, cursor, status }) {
    if (isTerminal({ status })) {
      this.isWhole = true;
      this.response.items = items;
    } else if (cursor && isAhead(cursor, this.known)) {
      this.known = cursor;
      this.response.items = items;
      this.response.upstream_seq = cursor.upstream_seq ?? -1;
    }
  }

  /** What has become of a call, long after its response has ended perhaps. */
  takeCall(call) {
    this.response = { ...this.response, calls: merged(this.response.calls, [call]) };
  }

  /**
   * @param {{epoch: number, seq: number, events: object[]}} frame
   * @returns {{epoch: number, after: number}|null} what to read again, if frames are missing
   */
  take(frame) {
    const place = placeOf(frame, this.known);
    if (place === "next") {
      this.#apply(frame);
      this.#drain();
    }
    if (place !== "gap") return null;
    if (this.held.size < HELD_FRAMES) this.held.set(`${frame.epoch}:${frame.seq}`, frame);
    return this.position();
  }

  /** What to ask for to bring this response up to date. */
  position() {
    return { epoch: this.known.epoch, after: this.known.seq };
  }

  #apply({ epoch, seq, events }) {
    this.known = { epoch, seq };
    for (const event of events) this.#step(event);
  }

  #step(event) {
    if (event.type === "receipt") {
      this.isWhole = true;
      this.merge(event.response);
      return;
    }
    // Once the final items are here, deltas that come after them would write them twice.
    if (this.isWhole) return;
    const { status } = this.response;
    this.response = reduce(this.response, event);
    // A row that has ended stays so, whatever the events before its end said.
    if (isTerminal({ status })) this.response.status = status;
  }

  #drain() {
    for (;;) {
      const { epoch, seq } = this.known;
      const key = [`${epoch}:${seq + 1}`, `${epoch + 1}:0`].find(each => this.held.has(each));
      if (!key) return;
      this.#apply(this.held.get(key));
      this.held.delete(key);
    }
  }
}
