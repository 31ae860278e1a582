/** Dialogs stand in the template; this opens them and tells how they were closed. */

import { byId } from "../dom.js";

/** @returns {Promise<boolean>} whether the person saved */
export function ask(id) {
  const dialog = byId(id);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "save"), { once: true });
  });
}

/** Escape is for the dialog that is open, not for what lies below it. */
export const isDialogOpen = () => Boolean(document.querySelector("dialog[open]"));
