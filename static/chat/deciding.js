/** What the cards of calls need of the page: who decides, how a decision stands, and what is typed for one. */

import { byId } from "./dom.js";

/** @param {import("./app.js").App} app */
export const decisionActions = app => ({
  me: app.bootstrap.user,
  decide: (call, command) => app.session?.decide(call, command),
  steer: command => app.session?.steer(command),
  show: element => app.scroll.to(element),
  back: () => app.scroll.back(),
  reveal: element => app.scroll.reveal(element),
  standing: call => app.session?.standing(call) ?? {},
  callDraft: call => app.outbox.draft(`call-${call.id}`),
  saveCallDraft: (call, text) => app.outbox.saveDraft(`call-${call.id}`, text),
});

/** Where the address names a call, as the inbox does, that is what people came for; it is drawn in the next frame. */
export function showAddressed(scroll) {
  const id = location.hash.slice(1);
  if (id.startsWith("call-")) requestAnimationFrame(() => scroll.to(byId(id)));
}
