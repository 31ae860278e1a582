/**
 * What people have typed and the server has not accepted yet: drafts and unsent messages, per person and conversation,
 * in the browser's storage, so that neither a reload nor a dead connection loses a word.
 */

import { parseStored, store } from "./storage.js";

/** @typedef {{client_key: string, text: string, attachments: object[], at: number}} Unsent */

export class Outbox {
  /** @param {string} username drafts of one person are not shown to the next on the same machine */
  constructor(username) {
    this.username = username;
  }

  #key(kind, conversation) {
    return `${kind}:${this.username}:${conversation ?? "new"}`;
  }

  draft(conversation) {
    return parseStored(this.#key("draft", conversation), "");
  }

  saveDraft(conversation, text) {
    store(this.#key("draft", conversation), text || null);
  }

  /** What goes along with the draft; uploaded already. */
  files(conversation) {
    return parseStored(this.#key("files", conversation), []);
  }

  saveFiles(conversation, files) {
    store(this.#key("files", conversation), files.length ? files : null);
  }

  /** @returns {Unsent[]} oldest first */
  unsent(conversation) {
    return parseStored(this.#key("unsent", conversation), []);
  }

  /** @returns {Unsent} */
  add(conversation, text, attachments = []) {
    const message = { client_key: crypto.randomUUID(), text, attachments, at: Date.now() };
    this.#save(conversation, [...this.unsent(conversation), message]);
    return message;
  }

  remove(conversation, clientKey) {
    const kept = this.unsent(conversation).filter(message => message.client_key !== clientKey);
    this.#save(conversation, kept);
  }

  /** A message that was typed before its conversation existed moves to it. */
  adopt(conversation) {
    this.#save(conversation, [...this.unsent(conversation), ...this.unsent(null)]);
    this.#save(null, []);
  }

  /** What was typed for a conversation that is closed to this person moves to the draft of a new one. */
  rescue(conversation) {
    const rescued = [this.forget(conversation), this.draft(null)].filter(Boolean).join("\n\n");
    this.saveDraft(null, rescued);
    return rescued;
  }

  /** @returns {string} what was typed for it */
  forget(conversation) {
    const unsent = this.unsent(conversation);
    const texts = unsent.map(message => message.text);
    const files = unsent.flatMap(message => message.attachments ?? []);
    this.saveFiles(null, [...files, ...this.files(conversation), ...this.files(null)]);
    this.saveFiles(conversation, []);
    const typed = [...texts, this.draft(conversation)].filter(Boolean).join("\n\n");
    this.#save(conversation, []);
    this.saveDraft(conversation, "");
    return typed;
  }

  #save(conversation, messages) {
    store(this.#key("unsent", conversation), messages.length ? messages : null);
  }
}
