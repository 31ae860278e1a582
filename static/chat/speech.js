/** What is spoken to those who don't see the page: starts and ends; every word of an answer would be noise. */

import { goesOn, mayDecide } from "./calls.js";
import { byId } from "./dom.js";
import { strings } from "./strings.js";
import { isTerminal } from "./transcript.js";

const say = words => (byId("speech").textContent = words);

export function tellStatus(response, before) {
  if (goesOn(response)) return;
  if (isTerminal(response)) say(strings.speech[response.status]);
  else if (response.status === "in_progress" && before !== "in_progress") say(strings.speech.started);
}

/** To whoever is asked. */
export function tellAsked(call, me) {
  if (mayDecide(call, me)) say(strings.calls.asksYou(call));
}
