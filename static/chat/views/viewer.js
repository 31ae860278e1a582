/** One picture, large: to look at in the transcript, and to describe before it is sent. */

import { byId, h, setText } from "../dom.js";
import { strings } from "../strings.js";
import { originalOf } from "../uploads.js";
import { ask } from "./dialogs.js";

const words = strings.attachments;

/** `src` for a picture of an answer, which has no attachment of its own here. */
function show({ name, alt, width, height, src, ...attachment }) {
  const picture = byId("viewer-picture");
  const address = src ?? originalOf(attachment);
  picture.src = address;
  picture.alt = alt || name;
  for (const [side, pixels] of Object.entries({ width, height }))
    if (pixels) picture[side] = pixels;
    else picture.removeAttribute(side);
  setText(byId("viewer-title"), name);
  byId("viewer-original").href = address;
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
