/** What goes along with the message that is being written: pasted, dropped or picked, each with its progress. */

import { byId, h, icon } from "../dom.js";
import { request } from "../http.js";
import { strings } from "../strings.js";
import { ACCEPTED, ADDRESS, isPicture, thumbnailOf, upload, whyNot } from "../uploads.js";
import { iconButton } from "./bits.js";
import { describe } from "./viewer.js";

const words = strings.attachments;
/** Of formats that the API takes. */
const PICTURE_ADDRESS = /^https:\/\/[^\s/]+\/\S+\.(png|jpe?g|webp|gif)(\?\S*)?$/i;

/** @typedef {{attachment?: object, detail: string, problem?: string, share: number, name: string, bytes: number}} Entry */

export class Tray {
  /**
   * @param {object} limits
   * @param {{
   *   changed: () => void, save: (files: object[]) => void, whyNot: (type: string) => string,
   *   mayName: () => boolean,
   * }} actions
   *   `whyNot`: why the deployment can't take files of a type; `mayName`: whether it fetches pictures by their address
   */
  constructor(limits, actions) {
    Object.assign(this, { limits, actions });
    this.place = byId("tray");
    this.picker = byId("attach-files");
    this.picker.accept = ACCEPTED;
    /** @type {Entry[]} */
    this.entries = [];
    byId("attach").addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => this.#picked());
    byId("message").addEventListener("paste", event => this.#pasted(event));
    this.#takeDrops(document.querySelector("main"));
  }

  /** Whether something is still on its way. */
  get isBusy() {
    return this.entries.some(entry => !entry.attachment && !entry.problem);
  }

  /** @returns {object[]} what would be sent: attachments, each with its detail */
  files() {
    const ready = this.entries.filter(entry => entry.attachment && !entry.problem);
    return ready.map(({ attachment, detail }) => ({ ...attachment, detail }));
  }

  /** Shows what is kept with another draft. */
  load(files) {
    this.offered = null;
    for (const entry of this.entries) entry.abort?.();
    this.entries = files.map(file => entryOf(file));
    this.#draw();
  }

  /** Puts back what belongs to a message that is edited. */
  insert(files) {
    this.entries = [...files.map(file => entryOf(file)), ...this.entries];
    this.#changed();
  }

  clear() {
    this.load([]);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) this.#start(file);
    this.#changed();
  }

  #start(file) {
    const entry = { name: file.name, bytes: file.size, detail: "auto", share: 0 };
    const others = this.entries.filter(other => !other.problem);
    entry.problem = this.actions.whyNot(file.type) || whyNot(file, others, this.limits);
    this.entries.push(entry);
    if (!entry.problem) this.#upload(entry, file);
  }

  async #upload(entry, file) {
    if (file.type.startsWith("image/")) entry.preview = URL.createObjectURL(file);
    const { done, abort } = upload(file, share => this.#progress(entry, share));
    entry.abort = abort;
    try {
      entry.attachment = await done;
      entry.bytes = entry.attachment.bytes;
    } catch (error) {
      entry.problem = error.message;
    }
    this.#forgetPreview(entry);
    if (this.entries.includes(entry)) this.#changed();
  }

  #forgetPreview(entry) {
    if (entry.preview) URL.revokeObjectURL(entry.preview);
    entry.preview = null;
  }

  #progress(entry, share) {
    entry.share = share;
    if (entry.bar) entry.bar.value = share;
  }

  #remove(entry) {
    entry.abort?.();
    this.entries = this.entries.filter(other => other !== entry);
    if (entry.attachment?.id) request("DELETE", `${ADDRESS}${entry.attachment.id}/`).catch(() => {});
    this.#changed();
    byId("message").focus();
  }

  #changed() {
    this.#draw();
    this.actions.save(this.files());
    this.actions.changed();
  }

  #draw() {
    this.place.hidden = !this.entries.length && !this.offered;
    const chips = this.entries.map(entry => this.#chip(entry));
    this.place.replaceChildren(...chips, ...(this.offered ? [this.#offer(this.offered)] : []));
  }

  #chip(entry) {
    const isOpen = !entry.attachment && !entry.problem;
    entry.bar =
      isOpen && h("progress", { max: 1, value: entry.share, "aria-label": words.uploading(entry.name) });
    return h(
      "li",
      { class: `attached${entry.problem ? " is-problem" : ""}` },
      this.#face(entry),
      h(
        "span",
        { class: "attached-words" },
        h("span", { class: "attached-name" }, entry.name),
        this.#told(entry),
      ),
      iconButton("x", words.remove(entry.name), () => this.#remove(entry)),
    );
  }

  #told(entry) {
    if (entry.problem) return h("span", { class: "attached-note", role: "alert" }, entry.problem);
    return entry.bar || h("span", { class: "attached-note" }, noteOf(entry));
  }

  #face(entry) {
    if (entry.problem) return icon("circle-alert");
    const { attachment } = entry;
    if (!attachment) return entry.preview ? h("img", { src: entry.preview, alt: "" }) : icon("file-text");
    if (attachment.url) return icon("external-link");
    if (!isPicture(attachment)) return icon("file-text");
    const picture = h("img", { src: thumbnailOf(attachment), alt: attachment.alt });
    const attributes = { type: "button", class: "attached-face", "aria-label": words.describe(entry.name) };
    return h("button", { ...attributes, onclick: () => this.#describe(entry) }, picture);
  }

  async #describe(entry) {
    const told = await describe({ ...entry.attachment, detail: entry.detail });
    if (!told) return;
    entry.detail = told.detail;
    if (told.alt !== entry.attachment.alt) await this.#saveAlt(entry, told.alt);
    this.#changed();
  }

  async #saveAlt(entry, alt) {
    try {
      entry.attachment = await request("PATCH", `${ADDRESS}${entry.attachment.id}/`, { alt });
    } catch (error) {
      entry.note = error.message;
    }
  }

  #picked() {
    this.add(this.picker.files);
    this.picker.value = "";
  }

  /** Text that comes with a picture of itself, as spreadsheets have it, is pasted as text. */
  #pasted(event) {
    const { files } = event.clipboardData;
    const text = event.clipboardData.getData("text/plain").trim();
    if (PICTURE_ADDRESS.test(text) && this.actions.mayName()) this.#show(text);
    if (!files.length || text) return;
    event.preventDefault();
    this.add(files);
  }

  #show(offered) {
    this.offered = offered;
    this.#draw();
  }

  /** An address may be meant as words: it becomes a picture only if one says so. */
  #offer(url) {
    const attach = () => {
      this.offered = null;
      const box = byId("message");
      box.value = box.value.replace(url, "").trim();
      this.entries.push(entryOf({ id: null, url, name: nameIn(url), type: "image", bytes: 0 }));
      this.#changed();
      box.focus();
    };
    const button = h("button", { type: "button", class: "button", onclick: attach }, words.attachAddress);
    return h("li", {}, button);
  }

  #takeDrops(place) {
    const isFiles = event => event.dataTransfer?.types.includes("Files");
    place.addEventListener("dragover", event => {
      if (!isFiles(event)) return;
      event.preventDefault();
      place.classList.add("is-target");
    });
    place.addEventListener("dragleave", event => {
      if (!place.contains(event.relatedTarget)) place.classList.remove("is-target");
    });
    place.addEventListener("drop", event => {
      if (!isFiles(event)) return;
      event.preventDefault();
      place.classList.remove("is-target");
      this.add(event.dataTransfer.files);
    });
  }
}

const entryOf = ({ detail, ...attachment }) => ({
  attachment,
  detail: detail ?? "auto",
  share: 1,
  name: attachment.name,
  bytes: attachment.bytes,
});

const nameIn = url => new URL(url).pathname.split("/").at(-1);

function noteOf({ attachment, detail, note }) {
  if (note) return note;
  if (attachment.url) return words.at(new URL(attachment.url).host);
  const facts = words.facts(attachment);
  return isPicture(attachment) && detail !== "auto" ? `${facts} · ${words.details[detail]}` : facts;
}
