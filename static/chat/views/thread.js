/** One line of the list of conversations, with its menu. */

import { h, icon, setText } from "../dom.js";
import { strings } from "../strings.js";
import { face, iconButton } from "./bits.js";
import { openMenu } from "./menu.js";

const words = strings.threads;

export class ThreadItem {
  /** @param {{open: Function, rename: Function, archive: Function, export: Function, copyLink: Function, delete: Function}} actions each takes a conversation */
  constructor(conversation, actions) {
    this.actions = actions;
    this.state = h("span", { class: "thread-state", role: "img" });
    this.title = h("span", { class: "title" });
    this.link = h(
      "a",
      { href: `/c/${conversation.id}/`, onclick: event => this.#follow(event) },
      this.state,
      this.title,
    );
    this.more = iconButton("ellipsis", "", () => this.#menu(), {
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    });
    this.element = h("li", { class: "thread" }, this.link, this.more);
    this.update(conversation);
  }

  update(conversation) {
    this.conversation = conversation;
    const title = conversation.title || strings.untitled;
    setText(this.title, title);
    this.link.title = title;
    this.#showState(conversation);
    this.more.setAttribute("aria-label", words.actions(title));
    this.more.title = "";
    this.#showOwner(conversation);
  }

  #showState({ running, asks }) {
    const told = asks ? words.asks : words.running;
    this.state.hidden = !(running || asks);
    this.state.classList.toggle("asks", Boolean(asks));
    this.state.title = told;
    this.state.setAttribute("aria-label", told);
  }

  #showOwner({ mine, owner }) {
    if (mine || this.owner) return;
    this.owner = h(
      "span",
      { class: "shared-by" },
      face(owner),
      h("span", { class: "visually-hidden" }, words.sharedBy(owner.name)),
    );
    this.link.append(this.owner);
  }

  setCurrent(isCurrent) {
    this.element.classList.toggle("is-current", isCurrent);
    if (isCurrent) this.link.setAttribute("aria-current", "page");
    else this.link.removeAttribute("aria-current");
  }

  #follow(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.actions.open(this.conversation);
  }

  #menu() {
    const { conversation, actions } = this;
    const entry = (name, label, act) => ({ icon: icon(name), label, act: () => act(conversation) });
    const archive = conversation.archived
      ? entry("archive-restore", words.unarchive, actions.archive)
      : entry("archive", words.archive, actions.archive);
    const own = conversation.mine ? [entry("pencil", words.rename, actions.rename), archive] : [];
    openMenu(this.more, [
      ...own,
      entry("download", strings.exports.export, actions.export),
      entry("link", words.copyLink, actions.copyLink),
      ...(conversation.mine ? [entry("trash-2", strings.deleting.delete, actions.delete)] : []),
    ]);
  }
}
