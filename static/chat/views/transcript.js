/** The turns of the open conversation, in order, and below them what is not sent yet. */

import { byId, h } from "../dom.js";
import { TurnView, unsentArticle } from "./turn.js";

export class TranscriptView {
  /**
   * @param {object} user
   * @param {import("../frames.js").Frames} frames
   * @param {object} actions for answers: retry, receipt; for unsent messages: resend, edit, discard
   */
  constructor(user, frames, actions) {
    Object.assign(this, { user, frames, actions: { ...actions, redraw: view => frames.mark(view) } });
    this.place = byId("turns");
    this.unsentPlace = h("div", { class: "turn" });
    this.views = new Map();
  }

  /** Another conversation, or the same one read anew. */
  open(store) {
    this.store = store;
    this.views.clear();
    this.frames.forget();
    this.place.replaceChildren();
  }

  /** Turns came or went. */
  list() {
    const isShared = this.store.conversation?.visibility === "team";
    for (const turn of this.store.turns.values()) {
      if (this.views.has(turn.id)) continue;
      const author = this.#author(turn.author, isShared);
      this.views.set(turn.id, new TurnView(turn, this.store, author, this.actions));
    }
    const elements = [...this.store.turns.keys()].map(id => this.views.get(id).element);
    for (const [index, element] of elements.entries()) {
      if (this.place.children[index] !== element)
        this.place.insertBefore(element, this.place.children[index] ?? null);
      element.classList.toggle("is-latest", index === elements.length - 1);
    }
  }

  changed(turn) {
    const view = this.views.get(turn);
    if (view) this.frames.mark(view);
  }

  /** Seconds that pass are shown too. */
  tick() {
    for (const feed of this.store?.open() ?? []) this.changed(feed.response.turn);
  }

  /** @param {object[]} messages of the outbox that the server has not accepted yet */
  showUnsent(messages, { isOffline, isShared }) {
    const articles = messages.map(message => this.#unsent(message, isOffline, isShared));
    this.unsentPlace.replaceChildren(...articles);
    if (articles.length) this.place.append(this.unsentPlace);
    else this.unsentPlace.remove();
  }

  #unsent(message, isOffline, isShared) {
    const actions = {
      retry: () => this.actions.resend(message),
      leaveOut: () => this.actions.leaveOut(message),
      edit: () => this.actions.edit(message),
      discard: () => this.actions.discard(message),
    };
    return unsentArticle({ ...message, isOffline }, this.#author(this.user, isShared), actions);
  }

  #author(person, isShared) {
    const isMe = person.username === this.user.username;
    return { person, name: person.name, isMe, showsFace: isShared };
  }
}
