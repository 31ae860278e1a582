/**
 * One conversation while it is open on this page: its rows, its socket and what is not sent yet. It keeps the three in
 * step: after every (re)connection the rows are read, the streams are read on from where they stand, and what is in the
 * outbox goes out.
 */

import { Socket } from "./socket.js";
import { ConversationStore } from "./store.js";
import { isTerminal } from "./transcript.js";

/** Without a socket the page is still worth reading. */
const READ_WITHOUT_SOCKET = 1500;
/** A response that is silent for so long is read again, in case its last frame was lost. */
const SILENCE = 15_000;
/** A row said that it ended, and its last frames are not here. */
const LAST_FRAMES = 1_000;
const LOOK_EVERY = 500;

export class Session {
  /**
   * @param {string} id of the conversation
   * @param {object} parts api (request, socketUrl), outbox, store listeners and `events`:
   *   state(of the socket), unsent(), accepted(), said(an error of the server), loaded(isFirst), statusChanged(response, before),
   *   failed(error)
   */
  constructor(id, { api, outbox, listeners, events }) {
    Object.assign(this, { id, api, outbox, events });
    this.refusals = new Map();
    this.heardAt = new Map();
    this.state = { kind: "connecting" };
    this.isLoaded = false;
    this.store = new ConversationStore({
      ...listeners,
      read: (response, position) => this.#readSoon(response, position),
    });
    this.socket = new Socket(api.socketUrl(id), {
      message: message => this.#take(message),
      state: state => this.#connection(state),
    });
  }

  start() {
    this.socket.connect();
    this.timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.reading = setTimeout(() => this.isLoaded || this.#load(), READ_WITHOUT_SOCKET);
    this.events.unsent();
  }

  close() {
    this.isClosed = true;
    clearInterval(this.timer);
    clearTimeout(this.reading);
    this.socket.close();
  }

  /** What the server has not accepted yet, with the reason where it refused. */
  unsent() {
    return this.outbox
      .unsent(this.id)
      .filter(message => !this.store.hasKey(message.client_key))
      .map(message => ({ ...message, refusal: this.refusals.get(message.client_key) }));
  }

  send(text) {
    const message = this.outbox.add(this.id, text);
    this.#post(message);
    this.events.unsent();
  }

  resend(message) {
    this.refusals.delete(message.client_key);
    this.#post(message);
    this.events.unsent();
  }

  discard(message) {
    this.refusals.delete(message.client_key);
    this.outbox.remove(this.id, message.client_key);
    this.events.unsent();
  }

  stop() {
    const running = this.store.running();
    if (running) this.socket.send({ type: "response.stop", response: running.id });
  }

  retry(turn) {
    return this.socket.send({ type: "turn.retry", turn, client_key: crypto.randomUUID() });
  }

  async loadEarlier() {
    const page = await this.api.request(
      "GET",
      `${this.api.conversationUrl(this.id)}?before=${this.store.earlier}`,
    );
    return () => this.store.takePage(page, { prepend: true });
  }

  #connection(state) {
    this.state = state;
    this.events.state(state);
    this.events.unsent();
    if (state.kind === "waiting" && !this.isLoaded) this.#load();
  }

  #take(message) {
    switch (message.type) {
      case "hello":
      case "resync":
        return this.#load();
      case "turn":
        return this.#turn(message);
      case "frame":
        return this.#frame(message);
      case "conversation":
        return this.store.takeConversation(message.conversation);
      case "message.accepted":
        return this.#accepted(message);
      case "error":
        return this.#refused(message);
    }
  }

  /** Reads the rows. With the socket open before, nothing can be missed between the two. */
  async #load() {
    const isLive = this.socket.isOpen;
    let page;
    try {
      page = await this.api.request("GET", this.api.conversationUrl(this.id));
    } catch (error) {
      if (!this.isClosed) this.events.failed(error);
      return;
    }
    if (this.isClosed) return;
    const isFirst = !this.isLoaded;
    this.isLoaded = true;
    this.store.takePage(page);
    this.events.loaded(isFirst);
    if (isLive) this.#catchUp();
  }

  #catchUp() {
    for (const feed of this.store.open()) this.#read(feed.response.id, feed.position());
    for (const message of this.unsent()) if (!message.refusal) this.#post(message);
    this.events.unsent();
  }

  #post({ client_key, text }) {
    if (this.isLoaded) this.socket.send({ type: "message.create", client_key, text, tip: this.store.tip() });
  }

  #accepted({ client_key }) {
    this.outbox.remove(this.id, client_key);
    this.refusals.delete(client_key);
    this.events.accepted();
  }

  #refused(message) {
    const isMine = this.outbox.unsent(this.id).some(each => each.client_key === message.client_key);
    if (isMine) this.refusals.set(message.client_key, message.message);
    else this.events.said(message);
    this.events.unsent();
  }

  #turn({ turn }) {
    const before = new Map(turn.responses.map(row => [row.id, this.store.response(row.id)?.status]));
    this.outbox.remove(this.id, turn.client_key);
    this.store.takeTurn(turn);
    this.events.unsent();
    for (const [id, status] of before) this.#tellChange(id, status);
  }

  #frame(frame) {
    const status = this.store.response(frame.response)?.status;
    this.heardAt.set(frame.response, Date.now());
    this.store.takeFrame(frame);
    if (status) this.#tellChange(frame.response, status);
  }

  #tellChange(id, before) {
    const response = this.store.response(id);
    if (response && response.status !== before) this.events.statusChanged(response, before);
  }

  #read(response, position) {
    this.heardAt.set(response, Date.now());
    this.socket.send({ type: "response.read", response, ...position });
  }

  /** Several frames behind one gap need one reading. */
  #readSoon(response, position) {
    if (this.gaps?.has(response)) return;
    this.gaps ??= new Set();
    this.gaps.add(response);
    setTimeout(() => this.gaps.delete(response), 250);
    this.#read(response, position);
  }

  #look() {
    for (const feed of this.store.open()) {
      const { id } = feed.response;
      const isEnded = isTerminal(feed.response);
      if (!isEnded && feed.response.status !== "in_progress") continue;
      const heard = this.heardAt.get(id);
      if (heard === undefined) this.heardAt.set(id, Date.now());
      else if (Date.now() - heard > (isEnded ? LAST_FRAMES : SILENCE)) this.#read(id, feed.position());
    }
  }
}
