/**
 * The connection to one conversation: reconnects with growing pauses of random length, notices silence, gives up only
 * where the server says that trying again is pointless.
 */

const FINAL = { 4401: "signedOut", 4403: "forbidden", 4410: "deleted" };
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;
/** A line that said nothing for so long is asked whether it lives; sooner where an answer should be coming. */
const QUIET = 15_000;
const QUIET_WHILE_BUSY = 3_000;
const PONG_WITHIN = 5_000;
const BEAT = 1_000;
const HELLO_WITHIN = 10_000;
/** A connection that breaks sooner than this was none: the pauses go on growing. */
const STEADY = 5_000;

/** @returns {number} milliseconds; random, so that a restarted server doesn't meet everyone at once */
export const pauseBefore = (attempt, random = Math.random) =>
  Math.round(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt) * (0.5 + random() / 2));

export class Socket {
  /**
   * @param {string} url
   * @param {{message: (message: object) => void, state: (state: object) => void}} listeners
   *   a state is {kind: "connecting" | "open" | "waiting" | "closed", until?: number, reason?: string}
   */
  constructor(url, listeners, { WebSocket = globalThis.WebSocket, clock = globalThis } = {}) {
    Object.assign(this, { url, listeners, WebSocket, clock });
    this.attempt = 0;
    this.isOver = false;
    this.isOpen = false;
    /** Whether something is expected to be said. */
    this.isBusy = false;
  }

  connect() {
    this.clock.clearTimeout(this.retry);
    if (this.isOver || this.socket) return;
    this.listeners.state({ kind: "connecting", attempt: this.attempt });
    const socket = new this.WebSocket(this.url);
    this.socket = socket;
    socket.onmessage = event => this.#receive(JSON.parse(event.data));
    socket.onclose = event => this.#closed(socket, event.code);
    this.arrival = this.clock.setTimeout(() => this.#closed(socket, 0), HELLO_WITHIN);
  }

  /** @returns {boolean} whether it was handed to the connection */
  send(message) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Tries at once instead of waiting, as when the network is back or the page is looked at again. */
  hurry() {
    if (this.isOpen) this.#ping();
    else this.connect();
  }

  close() {
    this.isOver = true;
    this.#forget();
    this.clock.clearTimeout(this.retry);
  }

  #receive(message) {
    this.heardAt = Date.now();
    this.clock.clearTimeout(this.silence);
    this.silence = null;
    if (message.type === "hello") this.#open();
    if (message.type !== "pong") this.listeners.message(message);
  }

  #open() {
    this.clock.clearTimeout(this.arrival);
    this.isOpen = true;
    this.openedAt = Date.now();
    this.listeners.state({ kind: "open" });
    this.beats = this.clock.setInterval(() => this.#beat(), BEAT);
  }

  #beat() {
    const now = Date.now();
    if (now - this.openedAt >= STEADY) this.attempt = 0;
    if (now - this.heardAt >= (this.isBusy ? QUIET_WHILE_BUSY : QUIET)) this.#ping();
  }

  #ping() {
    if (this.silence || !this.send({ type: "ping" })) return;
    // A dead line says nothing; closing it here begins the next attempt without waiting for the system's time-out.
    this.silence = this.clock.setTimeout(() => this.#closed(this.socket, 0), PONG_WITHIN);
  }

  #closed(socket, code) {
    if (this.isOver || socket !== this.socket) return;
    this.#forget();
    const reason = FINAL[code];
    if (reason) {
      this.isOver = true;
      this.listeners.state({ kind: "closed", reason });
      return;
    }
    const pause = pauseBefore(this.attempt++);
    this.listeners.state({ kind: "waiting", until: Date.now() + pause, attempt: this.attempt, code });
    this.retry = this.clock.setTimeout(() => this.connect(), pause);
  }

  #forget() {
    const { socket } = this;
    this.socket = null;
    this.isOpen = false;
    this.clock.clearInterval(this.beats);
    this.clock.clearTimeout(this.silence);
    this.clock.clearTimeout(this.arrival);
    this.silence = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
