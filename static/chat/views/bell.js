/** The bell: how much waits for the person. The server draws it; the socket brings newer numbers. */

import { byId, setText } from "../dom.js";

export function showWaiting(count) {
  const number = byId("bell-count");
  // Who has seen it once knows where it is.
  if (count) byId("bell").hidden = false;
  number.hidden = !count;
  setText(number, String(count));
}
