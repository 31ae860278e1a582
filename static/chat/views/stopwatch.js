/** How long an answer has been running, by this machine's clock: the server's may be set differently. */

const LONGEST_BELIEVED = 3600;

export class Stopwatch {
  constructor() {
    this.since = null;
  }

  /** @returns {number} whole seconds */
  seconds(response, now = performance.now()) {
    if (!response.started_at) return 0;
    // Between two rounds of an answer may lie days.
    if (this.of !== response.id) this.since = null;
    this.of = response.id;
    if (this.since === null) this.since = now - 1000 * alreadyRun(response.started_at);
    return Math.floor((now - this.since) / 1000);
  }
}

/** When the page comes in the middle of an answer, the server's time is all there is; an absurd one is not believed. */
function alreadyRun(startedAt) {
  const seconds = (Date.now() - Date.parse(startedAt)) / 1000;
  return seconds > 0 && seconds < LONGEST_BELIEVED ? seconds : 0;
}
