/**
 * One conversation while it is open on this page: its rows, its socket and what is not sent yet. It keeps the three in
 * step: after every (re)connection the rows are read, the streams are read on from where they stand, and what is in the
 * outbox goes out.
 */

import { isAsking } from "./calls.js";
import { pauseBefore, Socket } from "./socket.js";
import { ConversationStore } from "./store.js";
import { strings } from "./strings.js";
import { isTerminal } from "./transcript.js";

/** Without a socket the page is still worth reading. */
const READ_WITHOUT_SOCKET = 1500;
/** A response that is silent for so long is read again, in case its last frame was lost. */
const SILENCE = 15_000;
/** A row said that it ended, and its last frames are not here. */
const LAST_FRAMES = 1_000;
const LOOK_EVERY = 500;
/** Rows are not read more often than this, however often something was missed. */
const READ_ROWS_EVERY = 500;

export class Session {
  /**
   * @param {string} id of the conversation
   * @param {object} parts api (request, socketUrl), outbox, store listeners and `events`:
   *   state(of the socket), unsent(), accepted(), said(an error of the server), listChanged(message), loaded(isFirst), statusChanged(response, before),
   *   asked(call that waits for somebody since now), failed(error)
   */
  constructor(id, { api, outbox, listeners, events }) {
    Object.assign(this, { id, api, outbox, events });
    this.refusals = new Map();
    /** By the key of an unsent message, the names of choices that were refused and those that it goes without. */
    this.refusedChoices = new Map();
    this.without = new Map();
    /** By id of a call: its revision when it was decided here, and why that was refused. */
    this.deciding = new Map();
    this.refusedCalls = new Map();
    /** Calls that were told of. */
    this.asked = new Set();
    this.heardAt = new Map();
    this.state = { kind: "connecting" };
    this.isLoaded = false;
    /** Closed to this person for good. */
    this.isShut = false;
    this.isLoading = this.isStale = false;
    this.toStop = null;
    /** The newest change on its way to the server. */
    this.saving = null;
    this.failures = 0;
    this.loadedAt = 0;
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
      .map(message => ({
        ...message,
        refusal: this.refusals.get(message.client_key),
        choice: this.refusedChoices.get(message.client_key),
      }));
  }

  send(text, attachments) {
    const message = this.outbox.add(this.id, text, attachments);
    this.#post(message);
    this.events.unsent();
  }

  resend(message) {
    this.refusals.delete(message.client_key);
    this.#post(message);
    this.events.unsent();
  }

  /** Sends it without the choice that was refused. */
  leaveOut({ client_key, choice, ...message }) {
    this.without.set(client_key, [...(this.without.get(client_key) ?? []), choice]);
    this.refusedChoices.delete(client_key);
    this.resend({ client_key, ...message });
  }

  discard(message) {
    this.refusals.delete(message.client_key);
    this.outbox.remove(this.id, message.client_key);
    this.events.unsent();
  }

  stop() {
    const running = this.store.running();
    if (running) this.#stop(running.id);
  }

  /** Without a line it is asked for as soon as there is one; for an answer that has ended by then it means nothing. */
  #stop(response) {
    const isAsked = this.socket.send({ type: "response.stop", response });
    this.toStop = isAsked ? null : response;
  }

  /** @param {{type: string}} command `call.approve`, `call.decline` or `call.answer`; its key names the call in a refusal */
  decide(call, command) {
    const isSent = this.socket.send({ ...command, call: call.id, client_key: call.id });
    this.refusedCalls.delete(call.id);
    if (isSent) this.deciding.set(call.id, call.revision);
    else this.refusedCalls.set(call.id, strings.calls.noLine);
    this.store.takeCall(call);
  }

  /** @param {{type: string}} command `computer.…`, with the run or the step that it is about */
  steer(command) {
    this.socket.send(command);
  }

  /** How what was decided here stands, as long as nothing has become of it. */
  standing(call) {
    const isBusy = this.deciding.get(call.id) === call.revision;
    return { isBusy, problem: this.refusedCalls.get(call.id) };
  }

  /** @returns {Promise<boolean>} false where there is no line; that a change was not saved is said by who asked for it */
  async retry(turn, without = [], choices = {}) {
    const [saved] = await Promise.allSettled([this.saving]);
    if (saved.status === "rejected") return true;
    return this.socket.send({ type: "turn.retry", turn, client_key: crypto.randomUUID(), without, choices });
  }

  /**
   * Changes are saved one after the other, and what is sent meanwhile waits for them: it must not be answered in another
   * way than was chosen before it.
   */
  async change(changes) {
    const saving = Promise.allSettled([this.saving]).then(() => this.#save(changes));
    this.saving = saving;
    try {
      return await saving;
    } catch (error) {
      this.#refuseUnsent(`${strings.errors.notSaved} ${error.message}`);
      throw error;
    } finally {
      if (this.saving === saving) this.saving = null;
      this.#postUnsent();
    }
  }

  async #save(changes) {
    const conversation = await this.api.request("PATCH", this.api.conversationUrl(this.id), changes);
    this.store.takeConversation(conversation);
    return conversation;
  }

  async loadEarlier() {
    const page = await this.api.request(
      "GET",
      `${this.api.conversationUrl(this.id)}?before=${this.store.earlier}`,
    );
    return () => this.store.takePage(page, { prepend: true });
  }

  #connection(state) {
    this.state = { ...state, message: this.farewell };
    this.events.state(this.state);
    this.events.unsent();
    if (state.kind === "waiting" && !this.isLoaded) this.#load();
  }

  #take(message) {
    switch (message.type) {
      case "hello":
        return this.#load();
      case "resync":
        return this.#loadIn(this.loadedAt + READ_ROWS_EVERY - Date.now());
      case "turn":
        return this.#turn(message);
      case "frame":
        return this.#frame(message);
      case "call.changed":
        return this.#call(message);
      case "notices":
        return this.events.notices(message.waiting);
      case "conversation.deleted":
      case "conversation.restored":
        return this.events.listChanged(message);
      case "message.accepted":
        return this.#accepted(message);
      case "error":
        return this.#refused(message);
      default:
        return this.#changed(message);
    }
  }

  /** What the store keeps as it comes. */
  #changed(message) {
    const { type, conversation, run } = message;
    if (type === "conversation") this.store.takeConversation(conversation);
    if (type === "computer.changed") this.store.takeRun(run);
    if (type === "computer.seen") this.store.takeSight(message);
  }

  /**
   * Reads the rows; with the socket open before, nothing can be missed between the two. One reading at a time: what
   * asks for one meanwhile gets another afterwards.
   */
  async #load() {
    clearTimeout(this.reading);
    this.isStale = this.isLoading;
    if (this.isLoading) return;
    this.isLoading = true;
    const isLive = this.socket.isOpen;
    let page;
    let failure;
    try {
      page = await this.api.request("GET", this.api.conversationUrl(this.id));
    } catch (error) {
      failure = error;
    }
    this.isLoading = false;
    if (this.isClosed) return;
    if (failure) this.#loadFailed(failure);
    else this.#loaded(page, isLive);
    if (this.isStale) this.#load();
  }

  #loadIn(pause) {
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this.#load(), Math.max(0, pause));
  }

  #loaded(page, isLive) {
    const isFirst = !this.isLoaded;
    this.isLoaded = true;
    this.failures = 0;
    this.loadedAt = Date.now();
    this.deciding.clear();
    this.store.takePage(page);
    this.#readRuns(page);
    this.#tellAsked(isFirst);
    this.events.loaded(isFirst);
    if (isLive) this.#catchUp();
  }

  /** Where a browser was asked for. What changes meanwhile comes by itself. */
  async #readRuns({ conversation, turns }) {
    const wanted = [conversation, ...turns].some(({ choices }) => choices?.computer);
    if (!wanted && !this.store.runs.size) return;
    try {
      const { runs } = await this.api.request("GET", `${this.api.conversationUrl(this.id)}computer/`);
      for (const run of runs) this.store.takeRun(run);
    } catch (error) {
      this.events.failed(error);
    }
  }

  /** Tried again until it works: an open socket alone doesn't bring what was missed. */
  #loadFailed(error) {
    this.events.failed(error);
    const isFinal = error.status === 401 || error.status === 404;
    if (!isFinal) this.#loadIn(pauseBefore(this.failures++));
  }

  #catchUp() {
    for (const feed of this.store.open()) this.#read(feed.response.id, feed.position());
    this.#postUnsent();
    if (this.toStop) this.#stop(this.toStop);
    this.events.unsent();
  }

  #postUnsent() {
    for (const message of this.unsent()) if (!message.refusal) this.#post(message);
  }

  #refuseUnsent(why) {
    for (const { client_key, refusal } of this.unsent()) if (!refusal) this.refusals.set(client_key, why);
    this.events.unsent();
  }

  #post({ client_key, text, attachments = [] }) {
    if (!this.isLoaded || this.saving) return;
    const named = attachments.map(({ id, url, detail }) => (url ? { url, detail } : { id, detail }));
    const files = named.length ? { attachments: named } : {};
    const choices = Object.fromEntries((this.without.get(client_key) ?? []).map(name => [name, null]));
    this.socket.send({ type: "message.create", client_key, text, tip: this.store.tip(), choices, ...files });
  }

  #accepted({ client_key }) {
    this.outbox.remove(this.id, client_key);
    this.refusals.delete(client_key);
    this.events.accepted();
  }

  #refused(message) {
    if (message.code === "deleted") {
      this.farewell = message.message;
      return;
    }
    if (this.deciding.has(message.client_key)) {
      this.#callRefused(message);
      return;
    }
    const isMine = this.outbox.unsent(this.id).some(each => each.client_key === message.client_key);
    if (isMine && message.choice) this.refusedChoices.set(message.client_key, message.choice);
    if (isMine) this.refusals.set(message.client_key, message.message);
    else this.events.said(message);
    this.events.unsent();
  }

  #callRefused({ client_key: id, message }) {
    this.deciding.delete(id);
    this.refusedCalls.set(id, message);
    const call = this.store.calls().find(each => each.id === id);
    if (call) this.store.takeCall(call);
  }

  #call({ call }) {
    this.store.takeCall(call);
    this.#tellAsked();
  }

  /** What waits for somebody when the page comes is seen; what begins to wait later is told. */
  #tellAsked(isSilent = false) {
    for (const call of this.store.calls().filter(isAsking)) {
      if (!isSilent && !this.asked.has(call.id)) this.events.asked(call);
      this.asked.add(call.id);
    }
  }

  #turn({ turn }) {
    const before = new Map(turn.responses.map(row => [row.id, this.store.response(row.id)?.status]));
    this.outbox.remove(this.id, turn.client_key);
    this.store.takeTurn(turn);
    this.events.unsent();
    for (const [id, status] of before) this.#tellChange(id, status);
    this.#tellAsked();
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
    this.socket.isBusy = Boolean(this.store.running() || this.unsent().some(message => !message.refusal));
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
