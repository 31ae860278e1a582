/** Small pieces that several views use. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";
import { toast } from "./toasts.js";

export const face = person =>
  h("span", { class: "face", title: person.name, "aria-hidden": "true" }, person.initials);

export const iconButton = (name, label, onclick, attributes = {}) =>
  h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes },
    icon(name),
  );

export const pill = (kind, iconName, ...children) =>
  h("span", { class: `pill ${kind}` }, icon(iconName), ...children);

/** Copies, and says so on the button itself for a moment. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    toast(strings.copyFailed);
    return;
  }
  const shown = button?.querySelector("use");
  if (!shown) return;
  const before = shown.getAttribute("href");
  shown.setAttribute("href", before.replace(/#.*/, "#check"));
  setTimeout(() => shown.setAttribute("href", before), 1200);
  document.getElementById("speech").textContent = strings.copied;
}

/** An id in full, which a click copies. */
export function copyableId(id) {
  const button = h(
    "button",
    { type: "button", class: "copy-id", title: strings.copy, "aria-label": `${strings.copy} ${id}` },
    h("span", {}, id),
    icon("copy"),
  );
  button.addEventListener("click", () => copy(id, button));
  return button;
}

/** Where the request ids of an error or a response stand, the most telling one first. */
export function mainRequestId(ids = {}) {
  const names = ["x-request-id", "apim-request-id", "x-ms-request-id"];
  return names.map(name => ids[name]).find(Boolean) ?? Object.values(ids)[0];
}
