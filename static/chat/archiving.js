/** Archiving a conversation and taking it back into the list, undone from the note that says so. */

import { strings } from "./strings.js";
import { toast } from "./views/toasts.js";

/** @param {import("./app.js").App} app */
export async function archiveConversation(conversation, app) {
  const archived = !conversation.archived;
  if (!(await app.tryChange(conversation.id, { archived }))) return;
  const title = conversation.title || strings.untitled;
  const said = archived ? strings.threads.archived(title) : strings.threads.unarchived(title);
  toast(said, {
    label: strings.undo,
    act: () => app.tryChange(conversation.id, { archived: !archived }),
  });
}
