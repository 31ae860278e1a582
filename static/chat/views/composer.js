/** Where a person writes: the message box, its limit, Send and Stop. */

import { byId, h, setText } from "../dom.js";
import { strings } from "../strings.js";

const SAVE_AFTER = 250;
/** The counter appears in the last tenth. */
const NEAR_LIMIT = 0.9;

const canGrowByItself = CSS.supports("field-sizing", "content");

export class Composer {
  /**
   * @param {number} limit characters of a message
   * @param {import("./tray.js").Tray} tray what goes along
   * @param {{send: (text: string, files: object[]) => void, stop: () => void, save: (text: string) => void, looked?: () => void}} actions
   *   `looked`: what is typed or goes along has changed
   */
  constructor(limit, tray, actions) {
    Object.assign(this, { limit, tray, actions });
    this.box = byId("message");
    this.sendButton = byId("send");
    this.note = byId("composer-note");
    this.stopButton = null;
    this.isComposing = false;
    byId("composer").addEventListener("submit", event => this.#submit(event));
    this.box.addEventListener("input", () => this.#changed());
    this.box.addEventListener("keydown", event => this.#key(event));
    addEventListener("pagehide", () => this.flush());
  }

  /** Shows the draft of another conversation. */
  load(text) {
    this.flush();
    this.box.value = text;
    this.#look();
  }

  /** Puts text into the box, before what is there. */
  insert(text) {
    this.box.value = [text, this.box.value].filter(Boolean).join("\n\n");
    this.#changed();
    this.focus();
  }

  focus() {
    this.box.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  /** What goes along has changed. */
  look() {
    this.#look();
  }

  /** Saves what is typed now instead of in a moment. */
  flush() {
    if (!this.saving) return;
    clearTimeout(this.saving);
    this.saving = null;
    this.actions.save(this.box.value);
  }

  /** Stop is there only while something runs. */
  showStop(isRunning) {
    if (isRunning === Boolean(this.stopButton)) return;
    if (isRunning) {
      const attributes = {
        type: "button",
        class: "stop",
        "aria-label": strings.stop,
        onclick: () => this.actions.stop(),
      };
      this.stopButton = h("button", attributes, h("span", { class: "stop-mark" }));
      this.sendButton.before(this.stopButton);
      return;
    }
    const hadFocus = document.activeElement === this.stopButton;
    this.stopButton.remove();
    this.stopButton = null;
    if (hadFocus) this.box.focus();
  }

  #changed() {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.flush(), SAVE_AFTER);
    this.#look();
  }

  #key(event) {
    // While an input method composes, Enter chooses a candidate; Safari tells so by the key code only.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !isComposing) this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.box.value;
    const files = this.tray.files();
    if (this.#isNothing(text) || this.tray.isBusy || this.#over(text) > 0) return;
    clearTimeout(this.saving);
    this.saving = null;
    this.box.value = "";
    this.tray.clear();
    this.#look();
    this.actions.send(text, files);
    this.actions.save("");
    this.actions.saveFiles([]);
    this.box.focus();
  }

  /** The server counts code points, JavaScript counts halves of emoji. */
  #over(text) {
    return text.length <= this.limit ? text.length - this.limit : [...text].length - this.limit;
  }

  #isNothing(text) {
    return !text.trim() && !this.tray.files().length;
  }

  #look() {
    const text = this.box.value;
    const over = this.#over(text);
    const isNear = text.length > this.limit * NEAR_LIMIT;
    this.box.toggleAttribute("aria-invalid", over > 0);
    this.note.classList.toggle("is-problem", over > 0);
    const left = isNear ? strings.composer.left(-over) : "";
    const said = this.tray.isBusy ? strings.attachments.busy : left;
    setText(this.note, over > 0 ? strings.composer.over(over) : said);
    this.actions.looked?.();
    this.sendButton.disabled = this.#isNothing(text) || this.tray.isBusy || over > 0;
    if (!canGrowByItself) this.#grow();
  }

  #grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }
}
