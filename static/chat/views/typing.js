/** Beside the picture of a page in hand: an address, text and keys, for phones and for those who don't see it. */

import { h, setText } from "../dom.js";
import { strings } from "../strings.js";
import { iconButton } from "./bits.js";

const words = strings.hand;
/** As the API names them. */
const KEYS = [
  ["TAB"],
  ["SHIFT", "TAB"],
  ["ENTER"],
  ["SPACE"],
  ["BACKSPACE"],
  ["ESC"],
  ["ARROWUP"],
  ["ARROWDOWN"],
  ["PAGEUP"],
  ["PAGEDOWN"],
];

export class Typing {
  /** @param {import("./hand.js").Hand} hand */
  constructor(hand) {
    this.hand = hand;
    this.address = h("input", {
      ...{ class: "input", "aria-label": words.address, inputmode: "url" },
      ...{ autocomplete: "off", autocapitalize: "off", spellcheck: "false" },
    });
    this.text = h("input", {
      class: "input",
      "aria-label": words.text,
      autocomplete: "off",
      spellcheck: "false",
    });
    this.text.placeholder = words.text;
    this.hides = h("input", { type: "checkbox", onchange: () => this.#hide(this.hides.checked) });
    /** What the keyboard writes to, and what happened; told to those who don't see it. */
    this.said = h("p", { class: "computer-said", role: "status" });
    this.words = h("div", {
      class: "computer-words",
      tabindex: "0",
      role: "region",
      "aria-label": words.read,
    });
    this.words.hidden = true;
    this.element = h(
      "div",
      { class: "computer-typing", role: "group", "aria-label": words.title },
      this.said,
      h("p", { class: "hint" }, words.hint),
      this.#visiting(),
      this.#writing(),
      h("div", { class: "computer-keys" }, ...KEYS.map(keys => this.#key(keys)), this.#reading()),
      this.words,
    );
  }

  #visiting() {
    const back = () => this.hand.act({ type: "click", button: "back", x: 0, y: 0 });
    return form(
      () =>
        this.address.value.trim() &&
        this.hand.send({ type: "computer.visit", url: this.address.value.trim() }),
      iconButton("chevron-left", words.back, back),
      this.address,
      h("button", { class: "button" }, words.go),
    );
  }

  #writing() {
    const write = () => {
      if (this.text.value) this.hand.type(this.text.value);
      this.text.value = "";
    };
    const hiding = h("label", { class: "computer-hides" }, this.hides, words.hides);
    return form(write, this.text, hiding, h("button", { class: "button" }, words.write));
  }

  #key(keys) {
    const onclick = () => this.hand.press(...keys);
    return h("button", { type: "button", class: "button", onclick }, words.keys[keys.join(" ")]);
  }

  #reading() {
    const onclick = () => {
      this.isReading = true;
      this.read = null;
      this.hand.send({ type: "computer.read" });
    };
    return h("button", { type: "button", class: "button", onclick }, words.reading);
  }

  #showWords(text) {
    if (text === this.read) return;
    this.read = text;
    this.words.hidden = text === undefined;
    setText(this.words, text || words.silent);
    if (this.isReading && text !== undefined) this.words.focus();
    this.isReading = false;
  }

  #hide(isSecret) {
    this.hides.checked = isSecret;
    this.text.type = isSecret ? "password" : "text";
  }

  draw({ url, focus, notes, text, is_secret: isSecret }) {
    this.#showWords(text);
    if (isSecret !== this.isSecret) this.#hide(isSecret);
    this.isSecret = isSecret;
    if (url !== this.url && document.activeElement !== this.address) this.address.value = url;
    this.url = url;
    if (notes.length) this.noted = notes.join(" ");
    else if (focus !== this.focus) this.noted = "";
    this.focus = focus;
    setText(this.said, [this.noted, focus && words.focus(focus)].filter(Boolean).join(" "));
  }
}

function form(act, ...children) {
  const onsubmit = event => {
    event.preventDefault();
    act();
  };
  return h("form", { class: "computer-row", onsubmit }, ...children);
}
