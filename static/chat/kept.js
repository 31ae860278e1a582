/** What a conversation's `retention` says to its members: an icon, a word for the head, and the sentences. */

import { strings } from "./strings.js";

export function kept(retention) {
  const words = strings.kept;
  const { stored = true, deleted_after_days: days, erased_here: isErased, held: isHeld } = retention ?? {};
  const sentences = [
    !stored && words.notStored,
    days && (isErased ? words.erasedAfter(days) : words.deletedAfter(days)),
    isHeld && words.held,
  ].filter(Boolean);
  const [name, short] = isHeld
    ? ["lock", words.heldShort]
    : days
      ? ["calendar-clock", words.deletedShort(days)]
      : ["cloud-off", words.notStoredShort];
  return sentences.length ? { icon: name, short, long: sentences.join(" ") } : { short: "" };
}
