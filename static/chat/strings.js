/** Every word that the scripts show to people, a module for each area. Templates mark theirs with {% translate %}. */

import { answers } from "./strings/answers.js";
import { options } from "./strings/options.js";
import { page } from "./strings/page.js";
import { tools } from "./strings/tools.js";

export const strings = {
  you: "You",
  answer: "Answer",
  untitled: "New conversation",
  copied: "Copied",
  copy: "Copy",
  copyCode: "Copy code",
  copyAnswer: "Copy answer",
  copyMessage: "Copy message",
  copyFailed: "Could not copy. Select the text and copy it by hand.",
  linkCopied: "Link copied. People who may see this conversation can open it.",
  stop: "Stop",
  retry: "Retry",
  close: "Close",
  undo: "Undo",
  edit: "Edit",
  discard: "Discard",
  showAll: "Show the whole message",
  plainCode: "Text",
  table: "Table",

  ...answers,
  ...tools,
  ...options,
  ...page,
};
