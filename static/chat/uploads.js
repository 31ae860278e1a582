/** Files on their way to the server, with progress; what can't be sent is refused before a byte leaves. */

import { ApiError, csrfToken } from "./http.js";
import { strings } from "./strings.js";

export const ADDRESS = "/api/attachments/";
/** What the picker offers; the server looks at the content and not at this. */
export const ACCEPTED = "image/png,image/jpeg,image/webp,image/gif,application/pdf";

export const originalOf = attachment => `${ADDRESS}${attachment.id}/original/`;
export const thumbnailOf = attachment => `${ADDRESS}${attachment.id}/thumbnail/`;
export const isPicture = attachment => attachment.type.startsWith("image/");

/**
 * @param {{size: number, name: string}} file
 * @param {{bytes: number}[]} others those that go along
 * @param {{attachment_bytes: number, attachments: number}} limits
 * @returns {string} why it can't go along; empty where it can
 */
export function whyNot(file, others, limits) {
  const words = strings.attachments;
  if (!file.size) return words.empty(file.name);
  if (file.size >= limits.attachment_bytes)
    return words.tooLarge(file.name, file.size, limits.attachment_bytes);
  if (others.length >= limits.attachments) return words.tooMany(limits.attachments);
  const together = others.reduce((sum, other) => sum + other.bytes, file.size);
  return together >= limits.attachment_bytes ? words.tooLargeTogether(together, limits.attachment_bytes) : "";
}

/**
 * @param {File} file
 * @param {(share: number) => void} progress from 0 to 1
 * @returns {{done: Promise<object>, abort: () => void}} `done` gives the Attachment or throws an ApiError
 */
export function upload(file, progress) {
  const line = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    const unreachable = () => reject(new ApiError({ code: "network", message: strings.errors.network }));
    line.upload.addEventListener("progress", event => progress(event.loaded / (event.total || 1)));
    line.addEventListener("load", () => settle(line, resolve, reject));
    line.addEventListener("error", unreachable);
    line.addEventListener("abort", unreachable);
    line.open("POST", ADDRESS);
    line.setRequestHeader("X-CSRFToken", csrfToken());
    line.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    line.setRequestHeader("Content-Type", "application/octet-stream");
    line.send(file);
  });
  return { done, abort: () => line.abort() };
}

function settle(line, resolve, reject) {
  const body = parsedOrNull(line.responseText);
  if (line.status === 201 && body) resolve(body);
  else {
    const { code = "unexpected", message = strings.errors.unexpected } = body?.error ?? {};
    reject(new ApiError({ code, message, status: line.status }));
  }
}

function parsedOrNull(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
