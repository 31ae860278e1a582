/** What this page knows of one conversation. Views are told what changed and read it from here. */

import { isAsking } from "./calls.js";
import { Feed } from "./feed.js";
import { isTerminal } from "./transcript.js";

/** It grows with every change of a run or of one of its steps. */
const age = run => run.steps.reduce((sum, step) => sum + step.revision, run.revision);

export class ConversationStore {
  /**
   * @param {{
   *   changed: (turn: string) => void, listed: () => void, conversationChanged: () => void,
   *   read: (response: string, position: {epoch: number, after: number}) => void,
   * }} listeners `listed` when turns came or went, `read` when frames of a response are missing
   */
  constructor(listeners) {
    this.listeners = listeners;
    this.conversation = null;
    /** The id of the turn before which there are earlier ones to fetch. */
    this.earlier = null;
    /** Turns by id, oldest first; their `responses` hold ids. */
    this.turns = new Map();
    this.feeds = new Map();
    /** What was done in browsers, the newest run by its turn. */
    this.runs = new Map();
    /** By run, what is to be seen in a browser just now; it is kept nowhere else. */
    this.sights = new Map();
  }

  /** Takes in a page of turns: the newest, or those before the ones that are known. */
  takePage({ conversation, turns, earlier }, { prepend = false } = {}) {
    const before = new Map(this.turns);
    if (prepend) this.turns = new Map();
    for (const turn of turns) this.#takeTurn(turn);
    if (prepend) for (const [id, turn] of before) this.turns.set(id, turn);
    if (prepend || !before.size) this.earlier = earlier;
    this.takeConversation(conversation);
    this.listeners.listed();
    for (const turn of turns) this.listeners.changed(turn.id);
  }

  takeConversation(conversation) {
    this.conversation = { ...this.conversation, ...conversation };
    this.listeners.conversationChanged();
  }

  takeTurn(turn) {
    const isNew = !this.turns.has(turn.id);
    this.#takeTurn(turn);
    if (isNew) this.listeners.listed();
    this.listeners.changed(turn.id);
  }

  #takeTurn(turn) {
    for (const row of turn.responses) {
      const feed = this.feeds.get(row.id);
      if (feed) feed.merge(row);
      else this.feeds.set(row.id, new Feed(row));
    }
    this.turns.set(turn.id, { ...turn, responses: turn.responses.map(row => row.id) });
  }

  takeFrame(frame) {
    const feed = this.feeds.get(frame.response);
    if (!feed) return;
    const missing = feed.take(frame);
    if (missing) this.listeners.read(frame.response, missing);
    this.listeners.changed(feed.response.turn);
  }

  takeCall(call) {
    const feed = this.feeds.get(call.response);
    if (!feed) return;
    feed.takeCall(call);
    this.listeners.changed(feed.response.turn);
  }

  takeRun(run) {
    const known = this.runs.get(run.turn);
    const isOlder = known && (known.attempt > run.attempt || (known.id === run.id && age(known) > age(run)));
    if (isOlder) return;
    this.runs.set(run.turn, run);
    this.listeners.changed(run.turn);
  }

  takeSight(sight) {
    const known = this.sights.get(sight.run);
    // What a page says is sent when somebody asks for it, and holds as long as the page does.
    const words = known?.url === sight.url ? { text: known.text } : {};
    this.sights.set(sight.run, { ...words, ...sight });
    this.listeners.changed(sight.turn);
  }

  /** Those of all responses. */
  calls() {
    return [...this.feeds.values()].flatMap(feed => feed.response.calls ?? []);
  }

  response(id) {
    return this.feeds.get(id)?.response;
  }

  /**
   * The attempts at a turn, oldest first, each as its rounds: one more for each time that tools were called.
   * One that begins later goes on from the rounds of the attempt before.
   */
  attempts(turn) {
    const attempts = [];
    for (const response of turn.responses.map(id => this.response(id))) {
      const rounds = attempts.at(-1);
      if (rounds && rounds.at(-1).attempt === response.attempt) rounds.push(response);
      else attempts.push([...(rounds ?? []).filter(each => each.round < response.round), response]);
    }
    return attempts;
  }

  /** Feeds whose items are not all here. */
  open() {
    return [...this.feeds.values()].filter(feed => !feed.isWhole);
  }

  /** The response that Stop is about: the first that runs, else the first that waits to, by their turns. */
  running() {
    const all = [...this.turns.values()].flatMap(turn => turn.responses).map(id => this.response(id));
    const open = all.filter(each => each && !isTerminal(each));
    return (
      open.find(each => each.status === "in_progress") ??
      open.find(each => each.status === "queued") ??
      open[0]
    );
  }

  /** Whether something here waits for somebody's word. */
  asks() {
    const runs = [...this.runs.values()];
    return this.calls().some(isAsking) || runs.some(run => run.state === "waits_for_person");
  }

  hasKey(clientKey) {
    return [...this.turns.values()].some(turn => turn.client_key === clientKey);
  }

  tip() {
    return [...this.turns.keys()].at(-1) ?? null;
  }

  /** The response in this conversation that another one chains on, or that chains on it. */
  chain(response) {
    const all = [...this.feeds.values()].map(feed => feed.response);
    return {
      previous: all.find(each => each.response_id && each.response_id === response.previous_response_id),
      next: all.filter(each => response.response_id && each.previous_response_id === response.response_id),
    };
  }
}
