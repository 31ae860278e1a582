/** Taking a conversation along as a file. */

import { byId } from "./dom.js";
import { request } from "./http.js";
import { strings } from "./strings.js";
import { ask } from "./views/dialogs.js";
import { toast } from "./views/toasts.js";

const words = strings.exports;

/** Asks for the format; a small archive comes at once, a large one will lie on the page "My data". */
export async function exportConversation({ id }) {
  if (!(await ask("export-dialog"))) return;
  try {
    const made = await request("POST", `/api/conversations/${id}/export/`, {
      format: byId("export-format").value,
    });
    if (made.download) location.assign(made.download);
    else toast(words.later, { label: words.myData, act: () => location.assign("/my-data/#exports") });
  } catch (error) {
    toast(`${words.failed} ${error.message}`);
  }
}
