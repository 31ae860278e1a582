/**
 * A call of a tool as one quiet line: what is done while it runs, what was done when it ended, the details folded, and
 * pictures below it where all can see them.
 *
 * @typedef {{src: string, alt: string, isPreview?: boolean, width?: number, height?: number}} Picture `src` empty for one to come
 * @typedef {{
 *   icon: string, title: string, subject?: string, note?: string, state: string,
 *   details?: (() => (Node|null|false)[])|null, pictures?: Picture[],
 * }} Description `details` are made when somebody unfolds them
 */

import { callStateOf } from "../content.js";
import { h, icon, setText } from "../dom.js";
import { strings } from "../strings.js";
import { describe } from "./items/index.js";
import { view } from "./viewer.js";

export class Step {
  constructor() {
    this.element = h("div", { class: "step" });
    this.title = h("span", { class: "step-title" });
    this.subject = h("span", { class: "step-subject" });
    this.note = h("span", { class: "step-note" });
    this.mark = h("span", { class: "step-icon" });
    this.details = h("div", { class: "step-details" });
    this.pictures = h("div", { class: "step-pictures" });
    this.drawn = null;
    this.frames = [];
  }

  draw(item, { response, isOpen }) {
    const state = callStateOf(item, isOpen);
    // Items are never changed in place: the same one looks the same.
    if (this.item === item && this.state === state && this.calls === response.calls) return false;
    Object.assign(this, { item, state, calls: response.calls });
    const description = describe(item, { response, state });
    this.#line(description);
    this.#fold(description.details ?? null);
    this.#show(description.pictures ?? []);
    return false;
  }

  focus() {
    this.head.querySelector("summary")?.focus();
  }

  #line({ icon: name, title, subject = "", note = "", state }) {
    const shownState = state ?? this.state;
    Object.assign(this.element.dataset, { state: shownState, type: this.item.type ?? "" });
    if (this.drawn !== name) this.mark.replaceChildren(icon(name));
    this.drawn = name;
    setText(this.title, title);
    setText(this.subject, subject);
    setText(this.note, note || (strings.steps.notes[shownState] ?? ""));
  }

  #fold(details) {
    this.make = details;
    const tag = details ? "DETAILS" : "DIV";
    if (this.head?.tagName !== tag) this.#newHead(Boolean(details));
    if (details && this.head.open) this.#fill();
  }

  #newHead(isFolded) {
    // The spaces are for those who hear the line, or copy it.
    const line = [this.mark, this.title, " ", this.subject, " ", this.note];
    const head = isFolded
      ? h(
          "details",
          { ontoggle: () => this.#fill() },
          h("summary", { class: "step-line" }, ...line),
          this.details,
        )
      : h("div", { class: "step-line" }, ...line);
    if (isFolded) head.firstChild.append(icon("chevron-right"));
    this.element.replaceChildren(head, this.pictures);
    this.head = head;
  }

  /** What nobody unfolds is never made. */
  #fill() {
    if (!this.head.open || this.filled === this.make) return;
    this.filled = this.make;
    this.details.replaceChildren(...this.make().filter(Boolean));
  }

  #show(pictures) {
    while (this.frames.length > pictures.length) this.frames.pop().remove();
    for (const [index, picture] of pictures.entries()) {
      const frame = drawPicture(picture, this.frames[index]);
      if (frame === this.frames[index]) continue;
      if (this.frames[index]) this.frames[index].replaceWith(frame);
      else this.pictures.append(frame);
      this.frames[index] = frame;
    }
  }
}

/** @returns {HTMLElement} `before` where it shows this picture already */
function drawPicture(picture, before) {
  const { src, alt, isPreview, width, height } = picture;
  const key = `${src} ${Boolean(isPreview)} ${alt}`;
  if (before?.dataset.key === key) return before;
  const measures = { width, height };
  if (!src) return h("div", { class: "picture-to-come", "data-key": key });
  const image = h("img", { src, alt: isPreview ? strings.steps.preview : alt, ...measures });
  if (isPreview) return h("div", { class: "picture is-preview", "data-key": key }, image);
  const open = () => view({ src, alt, name: strings.steps.picture, ...measures });
  const title = strings.attachments.view(strings.steps.picture);
  return h("button", { type: "button", class: "picture", title, onclick: open, "data-key": key }, image);
}
