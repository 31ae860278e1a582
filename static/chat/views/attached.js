/** The pictures and documents of a message in the transcript. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";
import { isPicture, originalOf, thumbnailOf } from "../uploads.js";
import { view } from "./viewer.js";

const words = strings.attachments;

/** @param {object[]} attachments of a Turn, or of a message that is not sent yet */
export function attachedList(attachments) {
  if (!attachments?.length) return null;
  return h(
    "ul",
    { class: "attachments", "aria-label": words.of(attachments.length) },
    ...attachments.map(each => h("li", {}, shown(each))),
  );
}

function shown(attachment) {
  if (!attachment.id) return elsewhere(attachment);
  return isPicture(attachment) ? picture(attachment) : documentLink(attachment);
}

function picture(attachment) {
  const { width, height, alt, name } = attachment;
  const image = h("img", { src: thumbnailOf(attachment), alt: alt || name, width, height, loading: "lazy" });
  const attributes = { type: "button", class: "picture", title: words.view(name) };
  return h("button", { ...attributes, onclick: () => view(attachment) }, image);
}

const documentLink = attachment =>
  h(
    "a",
    { class: "document", href: originalOf(attachment), download: attachment.name },
    icon("file-text"),
    h(
      "span",
      { class: "attached-words" },
      h("span", { class: "attached-name" }, attachment.name),
      h("span", { class: "attached-note" }, words.facts(attachment)),
    ),
  );

/** On the internet: never fetched from here, since that would tell the other server who reads. */
const elsewhere = ({ url, name }) =>
  url
    ? h(
        "a",
        { class: "document", href: url, rel: "noreferrer", target: "_blank" },
        icon("external-link"),
        url,
      )
    : h("span", { class: "document" }, icon("file-text"), name || words.gone);
