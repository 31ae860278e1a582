/** The list of conversations: search, pages, archive, grouped by day. */

import { byId, fill, h } from "../dom.js";
import { dayGroup } from "../format.js";
import { strings } from "../strings.js";
import { ThreadItem } from "./thread.js";

const words = strings.threads;
const SEARCH_AFTER = 150;
const REFRESH_EVERY = 20_000;

export class ThreadsView {
  /**
   * @param {(query: URLSearchParams) => Promise<object>} fetchPage
   * @param {object} actions of a ThreadItem
   */
  constructor(fetchPage, actions) {
    Object.assign(this, { fetchPage, actions });
    this.list = byId("thread-list");
    this.search = byId("search");
    this.archivedButton = byId("show-archived");
    this.items = new Map();
    this.conversations = new Map();
    this.next = null;
    this.current = null;
    this.asked = 0;
    this.search.addEventListener("input", () => this.#searchSoon());
    this.archivedButton.addEventListener("click", () => this.#toggleArchived());
    setInterval(() => document.hidden || this.refresh(), REFRESH_EVERY);
  }

  get isArchive() {
    return this.archivedButton.getAttribute("aria-pressed") === "true";
  }

  /** Reads the list from its start; what was there stays until the answer comes. */
  async reload() {
    const page = await this.#page(null);
    if (!page) return;
    this.conversations = new Map(page.conversations.map(each => [each.id, each]));
    this.next = page.next;
    this.draw();
  }

  /** Brings the first page up to date and leaves further ones as they are. */
  async refresh() {
    const before = [...this.conversations.values()];
    const page = await this.#page(null);
    if (!page) return;
    this.#dropWhatIsGone(before, page);
    for (const each of page.conversations) this.conversations.set(each.id, each);
    this.draw();
  }

  /** What should be on the page and isn't was deleted, archived, or closed to this person. */
  #dropWhatIsGone(before, { conversations, next }) {
    const reaches = next ? conversations.at(-1).updated_at : "";
    for (const { id, updated_at } of before) if (updated_at > reaches) this.conversations.delete(id);
  }

  drop(id) {
    this.conversations.delete(id);
    this.draw();
  }

  async #page(before) {
    const asked = ++this.asked;
    const query = new URLSearchParams({ archived: this.isArchive ? "1" : "0" });
    if (this.search.value.trim()) query.set("q", this.search.value.trim());
    if (before) query.set("before", before);
    try {
      const page = await this.fetchPage(query);
      this.isFailed = false;
      return asked === this.asked ? page : null;
    } catch {
      this.isFailed = true;
      if (!this.conversations.size) this.draw();
      return null;
    }
  }

  async #more() {
    const page = await this.#page(this.next);
    if (!page) return;
    for (const each of page.conversations) this.conversations.set(each.id, each);
    this.next = page.next;
    this.draw();
  }

  /** A conversation is new or has changed. */
  take(conversation) {
    const known = this.conversations.get(conversation.id);
    if (!known && (conversation.archived !== this.isArchive || this.search.value)) return;
    this.conversations.set(conversation.id, { ...known, ...conversation });
    if (conversation.archived !== this.isArchive) this.conversations.delete(conversation.id);
    this.draw();
  }

  setCurrent(id) {
    this.current = id;
    for (const [each, item] of this.items) item.setCurrent(each === id);
  }

  draw() {
    const sorted = [...this.conversations.values()].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
    const groups = Map.groupBy(sorted, each => dayGroup(each.updated_at));
    const sections = [...groups].map(([name, conversations]) => this.#group(name, conversations));
    this.#forgetOthers();
    const more =
      this.next &&
      h("button", { type: "button", class: "button plain more", onclick: () => this.#more() }, words.more);
    const focused = document.activeElement;
    fill(this.list, ...sections.flat(), !sorted.length && this.#note(), more);
    if (focused?.isConnected && focused !== document.activeElement && this.list.contains(focused))
      focused.focus();
  }

  #group(name, conversations) {
    const items = conversations.map(each => this.#item(each).element);
    return [h("h2", {}, words[name] ?? name), h("ul", {}, ...items)];
  }

  #item(conversation) {
    const known = this.items.get(conversation.id);
    if (known) known.update(conversation);
    const item = known ?? new ThreadItem(conversation, this.actions);
    this.items.set(conversation.id, item);
    item.setCurrent(conversation.id === this.current);
    return item;
  }

  #forgetOthers() {
    for (const id of this.items.keys()) if (!this.conversations.has(id)) this.items.delete(id);
  }

  #note() {
    const query = this.search.value.trim();
    const text = this.isFailed
      ? words.failed
      : query
        ? words.noneFound(query)
        : this.isArchive
          ? words.noneArchived
          : words.none;
    return h("p", { class: "note" }, text);
  }

  #searchSoon() {
    clearTimeout(this.searching);
    this.searching = setTimeout(() => this.reload(), SEARCH_AFTER);
  }

  #toggleArchived() {
    this.archivedButton.setAttribute("aria-pressed", String(!this.isArchive));
    this.reload();
  }
}
