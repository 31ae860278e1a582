/** The head of the page: title, who sees it, the drawer of conversations; and the empty thread's welcome. */

import { byId, fill, icon, setText } from "../dom.js";
import { kept } from "../kept.js";
import { strings } from "../strings.js";
import { copy } from "./bits.js";
import { toast } from "./toasts.js";

export class Head {
  /**
   * @param {() => object} deployment that messages go to
   * @param {() => boolean} stores whether the team's answers are stored upstream
   */
  constructor(bootstrap, deployment, stores) {
    Object.assign(this, { bootstrap, deployment, stores });
    this.threads = byId("threads");
    this.scrim = byId("scrim");
    byId("open-threads").addEventListener("click", () => this.openDrawer());
    byId("close-threads").addEventListener("click", () => this.closeDrawer());
    this.scrim.addEventListener("click", () => this.closeDrawer());
    byId("copy-link").addEventListener("click", () => this.copyLink(this.id));
  }

  show(conversation) {
    this.id = conversation?.id ?? null;
    const title = conversation?.title || strings.untitled;
    setText(byId("title"), title);
    byId("title").title = title;
    document.title = `${title} · Responses UI`;
    byId("copy-link").hidden = !conversation;
    this.#showSharing(conversation);
    this.#showKept(conversation?.retention);
  }

  /** What becomes of the answers upstream, where that isn't just the retention of the endpoint. */
  #showKept(retention) {
    const place = byId("kept");
    const { icon: name, short, long } = kept(retention);
    place.hidden = !short;
    if (place.hidden || this.keptShown === short) return;
    this.keptShown = short;
    place.title = long;
    fill(place, icon(name), document.createTextNode(short));
  }

  #showSharing(conversation) {
    const place = byId("shared-with");
    place.hidden = !conversation?.visibility;
    if (place.hidden) return;
    const isPrivate = conversation.visibility === "private";
    const words = isPrivate ? strings.sharing.private : conversation.team.name;
    const shown = isPrivate + words;
    if (this.sharingShown === shown) return;
    this.sharingShown = shown;
    place.title = isPrivate ? words : strings.sharing.team(words);
    fill(place, icon(isPrivate ? "lock" : "users"), document.createTextNode(words));
  }

  showWelcome(isShown) {
    byId("welcome").hidden = !isShown;
    const deployment = isShown && this.deployment();
    if (!deployment) return;
    const { host } = deployment;
    const days = this.stores() && deployment.retention_days;
    setText(byId("whereabouts"), days ? strings.welcome.where(host, days) : strings.welcome.notStored(host));
  }

  async copyLink(id) {
    await copy(`${location.origin}/c/${id}/`);
    toast(strings.linkCopied);
  }

  openDrawer() {
    this.threads.classList.add("is-open");
    this.scrim.hidden = false;
    byId("open-threads").setAttribute("aria-expanded", "true");
    byId("close-threads").focus();
  }

  closeDrawer() {
    if (this.scrim.hidden) return false;
    this.threads.classList.remove("is-open");
    this.scrim.hidden = true;
    byId("open-threads").setAttribute("aria-expanded", "false");
    byId("open-threads").focus();
    return true;
  }
}
