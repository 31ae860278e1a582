/** The state of the connection, shown only when it isn't fine. */

import { byId, fill, h, icon } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.connection;
/** A short break is over before anyone needs to know of it. */
const PATIENCE = 700;
/** How long the page says that it is back. */
const GOOD_NEWS = 3000;

export class ConnectionView {
  /** @param {{hurry: () => void, newConversation: () => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.element = byId("connection");
  }

  /** @param {object} state as the socket tells it */
  show(state) {
    clearTimeout(this.patience);
    clearInterval(this.countdown);
    if (state.kind === "closed") this.#final(state);
    else if (state.kind === "open") this.#back();
    else if (!this.element.hidden) this.#waiting(state);
    else this.patience = setTimeout(() => this.#waiting(state), PATIENCE);
  }

  hide() {
    clearTimeout(this.patience);
    clearInterval(this.countdown);
    this.element.hidden = true;
    this.element.classList.remove("is-final", "is-back");
    this.element.replaceChildren();
  }

  /** Whoever read that it was gone wants to read that it is here again. */
  #back() {
    const wasTold = !this.element.hidden;
    this.hide();
    if (!wasTold) return;
    this.element.hidden = false;
    this.element.classList.add("is-back");
    this.element.replaceChildren(icon("check"), h("span", {}, words.back));
    this.patience = setTimeout(() => this.hide(), GOOD_NEWS);
  }

  #waiting(state) {
    this.element.classList.remove("is-final", "is-back");
    this.element.hidden = false;
    const text = h("span");
    const now = h("button", { type: "button", class: "button", onclick: this.actions.hurry }, words.tryNow);
    fill(this.element, icon("wifi-off"), text, state.kind === "waiting" && now);
    const tell = () => {
      const seconds = Math.ceil(((state.until ?? 0) - Date.now()) / 1000);
      const waits = seconds > 0 ? words.retryIn(seconds) : words.retryNow;
      text.textContent = navigator.onLine ? waits : words.offline;
    };
    tell();
    this.countdown = setInterval(tell, 1000);
  }

  #final({ reason, message }) {
    this.element.classList.remove("is-back");
    this.element.classList.add("is-final");
    this.element.hidden = false;
    const logIn = `/login/?next=${encodeURIComponent(location.pathname)}`;
    const action =
      reason === "signedOut"
        ? h("a", { class: "button", href: logIn }, words.logIn)
        : h(
            "button",
            { type: "button", class: "button", onclick: this.actions.newConversation },
            words.newConversation,
          );
    const isDeleted = reason === "deleted";
    const said = isDeleted ? `${message ?? words.deleted} ${words.typedIsKept}` : words[reason];
    this.element.replaceChildren(icon(isDeleted ? "trash-2" : "lock"), h("span", {}, said), action);
  }
}
