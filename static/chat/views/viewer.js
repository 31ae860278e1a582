/** One picture, large: to look at in the transcript, and to describe before it is sent. */

import { byId, h, setText } from "../dom.js";
import { strings } from "../strings.js";
import { originalOf } from "../uploads.js";
import { ask } from "./dialogs.js";

const words = strings.attachments;

function show({ name, alt, width, height, ...attachment }) {
  const picture = byId("viewer-picture");
  picture.src = originalOf(attachment);
  picture.alt = alt || name;
  picture.width = width;
  picture.height = height;
  setText(byId("viewer-title"), name);
  byId("viewer-original").href = originalOf(attachment);
}

/** @returns {Promise<{alt: string, detail: string}|null>} what was said of it; null where nothing was changed */
export async function describe(attachment) {
  show(attachment);
  byId("viewer-fields").hidden = byId("viewer-save").hidden = false;
  setText(byId("viewer-alt"), "");
  const alt = byId("viewer-text");
  const detail = byId("viewer-detail");
  alt.value = attachment.alt;
  detail.replaceChildren(
    ...Object.entries(words.details).map(([value, label]) => h("option", { value }, label)),
  );
  detail.value = attachment.detail;
  const isSaved = await ask("viewer");
  return isSaved ? { alt: alt.value.trim(), detail: detail.value } : null;
}

export function view(attachment) {
  show(attachment);
  byId("viewer-fields").hidden = byId("viewer-save").hidden = true;
  setText(byId("viewer-alt"), attachment.alt);
  return ask("viewer");
}
