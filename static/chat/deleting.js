/** Deleting a conversation of one's own: asked for in a dialog, done at once, and undone from the note that says so. */

import { byId, setText } from "./dom.js";
import { formatDateTime } from "./format.js";
import { request } from "./http.js";
import { strings } from "./strings.js";
import { ask } from "./views/dialogs.js";
import { toast } from "./views/toasts.js";

const words = strings.deleting;
const address = id => `/api/conversations/${id}/`;

/** @param {import("./app.js").App} app */
export async function deleteConversation(conversation, app) {
  const title = conversation.title || strings.untitled;
  setText(byId("delete-what"), words.what(title));
  if (!(await ask("delete-dialog"))) return;
  const comeBack = takeAway(conversation, app);
  try {
    const { deleted_at, undo_until } = await request("DELETE", address(conversation.id));
    const undo = { label: strings.undo, act: () => restore(conversation.id, title, comeBack) };
    if (undo_until > deleted_at) toast(words.deleted(title, formatDateTime(undo_until)), undo);
    else toast(words.deletedForGood(title));
  } catch (error) {
    comeBack();
    toast(`${words.failed} ${error.message}`);
  }
}

/** Off the page, with what was typed for it. @returns {() => void} brings both back */
function takeAway(conversation, app) {
  const { id } = conversation;
  const wasOpen = app.id === id;
  if (wasOpen) app.open(null, { push: true });
  const typed = app.outbox.forget(id);
  app.threads.drop(id);
  app.composer.focus();
  return () => {
    app.outbox.saveDraft(id, typed);
    app.threads.take(conversation);
    if (wasOpen && !app.id) app.open(conversation, { push: true });
  };
}

async function restore(id, title, comeBack) {
  try {
    await request("POST", `${address(id)}restore/`);
    comeBack();
    toast(words.restored(title));
  } catch (error) {
    toast(error.message);
  }
}
