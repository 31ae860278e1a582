/** The receipt of one answer: everything that the ledger knows of it. */

import { byId, h, icon } from "../dom.js";
import * as format from "../format.js";
import { ApiError, request } from "../http.js";
import { strings } from "../strings.js";
import { copy, copyableId, pill } from "./bits.js";
import { toast } from "./toasts.js";

const words = strings.receipt;
const SOON = 7;

const row = (label, value, kind = "") =>
  value === null || value === undefined || value === ""
    ? null
    : h("div", { class: kind }, h("dt", {}, label), h("dd", {}, value));

function section(title, rows, note) {
  const shown = rows.filter(Boolean);
  if (!shown.length) return null;
  return h("section", {}, h("h3", {}, title), h("dl", {}, ...shown), note && h("p", { class: "note" }, note));
}

/** @param {(response: string) => void} open shows another receipt */
function chainLinks(responses, open) {
  const link = response =>
    h(
      "button",
      { type: "button", class: "link", onclick: () => open(response.id) },
      response.response_id ?? response.id,
    );
  return h("span", {}, ...responses.map(link));
}

function responseSection(response) {
  const { deployment } = response;
  return section(words.sections.response, [
    row(words.status, statusPill(response)),
    row(
      words.responseId,
      response.response_id ? copyableId(response.response_id) : words.idNeverLearned,
      "stacked",
    ),
    row(
      words.deployment,
      deployment.title === deployment.name ? deployment.title : `${deployment.title} (${deployment.name})`,
    ),
    row(words.model, response.model),
    row(words.mode, response.background ? words.background : words.foreground),
  ]);
}

function statusPill({ status }) {
  const kinds = {
    completed: ["stored", "check"],
    failed: ["failed", "octagon-alert"],
    incomplete: ["expiring", "circle-alert"],
  };
  const [kind, icon] = kinds[status] ?? ["", status === "cancelled" ? "square" : "clock"];
  return pill(kind, icon, strings.states[status] ?? strings.states.thinking);
}

function chainSection(response, chain, open) {
  const { how, why } = response.history;
  const before = chain.previous ? chainLinks([chain.previous], open) : response.previous_response_id;
  return section(
    words.sections.chain,
    [
      row(words.previous, before ?? words.chainStart, "stacked"),
      row(words.next, chain.next.length ? chainLinks(chain.next, open) : words.chainEnd, "stacked"),
      row(words.history, words.histories[how] ?? how),
    ],
    why,
  );
}

function usageSection({ usage, cost }) {
  if (!usage) return null;
  return section(
    words.sections.usage,
    [
      row(words.tokensIn, format.formatNumber(usage.input_tokens)),
      row(words.cached, format.formatNumber(usage.cached_tokens ?? 0), "indented"),
      row(words.tokensOut, format.formatNumber(usage.output_tokens)),
      row(words.reasoningTokens, format.formatNumber(usage.reasoning_tokens ?? 0), "indented"),
      row(words.cost, cost ? format.formatMoney(cost) : words.costUnknown),
    ],
    usage.estimated && words.estimated,
  );
}

function timeSection({ queued_at, first_delta_at, ended_at }) {
  const seconds = (from, to) => format.formatSeconds(format.secondsBetween(from, to));
  return section(words.sections.time, [
    row(words.queuedAt, queued_at && format.formatDateTime(queued_at)),
    row(words.firstToken, seconds(queued_at, first_delta_at)),
    row(words.total, seconds(queued_at, ended_at)),
  ]);
}

function storageSection({ upstream_state: state, expires_at: expires, erased_at: erased }) {
  const days = expires && format.daysUntil(expires);
  const until = expires && `${format.formatDate(expires)} (${strings.daysLeft(days)})`;
  const icons = { stored: "cloud", not_learned: "circle-alert", deleted: "trash-2", absent: "trash-2" };
  const kind = state === "stored" ? (days !== null && days < SOON ? "expiring" : "stored") : "";
  return section(words.sections.storage, [
    row(words.upstream, pill(kind, icons[state] ?? "cloud-off", words.upstreamStates[state] ?? state)),
    row(words.storedUntil, until),
    row(words.erased, erased && format.formatDateTime(erased)),
  ]);
}

function troubleSection({ stopped, error, request_ids: ids }) {
  const all = Object.entries({ ...ids, ...error?.request_ids }).filter(([, id]) => id);
  return section(words.sections.trouble, [
    row(
      words.stopped,
      stopped && [stopped.by?.name, format.formatDateTime(stopped.at)].filter(Boolean).join(", "),
    ),
    row(
      words.error,
      error && [error.code ?? error.kind, error.message].filter(Boolean).join(": "),
      "stacked",
    ),
    ...all.map(([name, id]) => row(name, copyableId(id), "stacked")),
  ]);
}

/** Its request as a program: asked for when somebody wants it. */
function copySection(response) {
  if (response.erased_at) return null;
  const button = language =>
    h(
      "button",
      {
        type: "button",
        class: "button",
        onclick: event => copySample(response.id, language, event.currentTarget),
      },
      icon("copy"),
      words.copyAs[language],
    );
  return h(
    "section",
    {},
    h("h3", {}, words.sections.copy),
    h("div", { class: "copy-as" }, button("python"), button("curl")),
    h("p", { class: "note" }, words.copyAs.note),
  );
}

async function copySample(response, language, button) {
  try {
    const samples = await request("GET", `/api/responses/${response}/sample/`);
    await copy(samples[language], button);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message);
  }
}

/** @param {Array|null} looks null when they could not be fetched */
function looksSection(looks) {
  const note = text => h("p", { class: "note" }, text);
  if (!looks) return h("section", {}, h("h3", {}, words.sections.looks), note(words.looksUnknown));
  const tell = look =>
    h(
      "li",
      {},
      h("strong", {}, words.looked(look)),
      h("q", {}, look.reason),
      h("small", {}, (look.exported ? words.exported : words.read)(format.formatDateTime(look.at))),
    );
  const told = looks.length ? h("ul", { class: "looks" }, ...looks.map(tell)) : note(words.nobodyLooked);
  return h("section", {}, h("h3", {}, words.sections.looks), told);
}

async function fetchLooks(response) {
  try {
    return (await request("GET", `/api/responses/${response}/looks/`)).looks;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

export class ReceiptView {
  constructor() {
    this.element = byId("receipt");
    this.body = byId("receipt-body");
    this.opener = null;
    this.shown = null;
    byId("close-receipt").addEventListener("click", () => this.close());
  }

  /**
   * @param {import("../store.js").ConversationStore} store
   * @param {HTMLElement} opener gets the focus back
   */
  open(store, response, opener) {
    const wasShown = this.shown === response && !this.element.hidden;
    this.#mark(false);
    if (wasShown && opener === this.opener) {
      this.close();
      return;
    }
    Object.assign(this, { store, shown: response, opener: opener ?? this.opener });
    this.looks = h("div", {});
    this.draw();
    this.#mark(true);
    this.#tellLooks(response);
    this.element.hidden = false;
    byId("close-receipt").focus();
  }

  /** Asked for when the receipt is opened: staff may have looked since. */
  async #tellLooks(response) {
    const looks = await fetchLooks(response);
    if (this.shown === response) this.looks.replaceChildren(looksSection(looks));
  }

  #mark(isOpen) {
    this.opener?.setAttribute("aria-expanded", String(isOpen));
  }

  draw() {
    const response = this.store.response(this.shown);
    const open = other => this.open(this.store, other);
    const sections = [
      responseSection(response),
      usageSection(response),
      timeSection(response),
      storageSection(response),
      this.looks,
      chainSection(response, this.store.chain(response), open),
      troubleSection(response),
      copySection(response),
    ];
    this.body.replaceChildren(...sections.filter(Boolean));
  }

  close() {
    if (this.element.hidden) return false;
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.#mark(false);
    if (hadFocus && this.opener?.isConnected) this.opener.focus();
    this.shown = null;
    return true;
  }
}
