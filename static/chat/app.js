/** Brings the views and the open conversation together. */

import { archiveConversation } from "./archiving.js";
import { decisionActions, showAddressed } from "./deciding.js";
import { deleteConversation } from "./deleting.js";
import { byId } from "./dom.js";
import { exportConversation } from "./exporting.js";
import { Frames } from "./frames.js";
import { gaugeActions } from "./gauging.js";
import { request } from "./http.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { tellAsked, tellStatus } from "./speech.js";
import { strings } from "./strings.js";
import { showWaiting } from "./views/bell.js";
import { Composer } from "./views/composer.js";
import { ConnectionView } from "./views/connection.js";
import { ask } from "./views/dialogs.js";
import { GaugeView } from "./views/gauge.js";
import { Head } from "./views/head.js";
import { Options } from "./views/options.js";
import { ReceiptView } from "./views/receipt.js";
import { Scroll } from "./views/scroll.js";
import { ThreadsView } from "./views/threads.js";
import { toast } from "./views/toasts.js";
import { TranscriptView } from "./views/transcript.js";
import { Tray } from "./views/tray.js";

const TICK = 1000;

export class App {
  constructor(bootstrap) {
    this.bootstrap = bootstrap;
    this.session = null;
    this.outbox = new Outbox(bootstrap.user.username);
    this.frames = new Frames(() => this.scroll.keep());
    this.scroll = new Scroll(byId("transcript"), byId("jump"));
    this.head = new Head(
      bootstrap,
      () => this.options.current(),
      () => this.options.stores(),
    );
    this.receipt = new ReceiptView();
    this.connection = new ConnectionView({
      hurry: () => this.session?.socket.hurry(),
      newConversation: () => this.open(null, { push: true }),
    });
    this.options = new Options(bootstrap, async changes =>
      this.threads.take(await this.session.change(changes)),
    );
    this.options.onFresh = () => this.head.showWelcome(true);
    this.gauge = new GaugeView(gaugeActions(this));
    this.tray = new Tray(bootstrap.limits, {
      changed: () => this.composer.look(),
      save: files => this.outbox.saveFiles(this.id, files),
      whyNot: type => this.options.whyNot(type.startsWith("image/") ? "images" : "files"),
      mayName: () => !this.options.whyNot("image_urls"),
    });
    this.composer = new Composer(bootstrap.limits.message_chars, this.tray, {
      send: (text, files) => this.#send(text, files),
      saveFiles: files => this.outbox.saveFiles(this.id, files),
      stop: () => this.session?.stop(),
      save: text => this.outbox.saveDraft(this.session?.isShut ? null : this.id, text),
      looked: () => this.gauge.draw(),
    });
    this.transcript = new TranscriptView(bootstrap.user, this.frames, this.#transcriptActions());
    this.threads = new ThreadsView(
      query => request("GET", `${bootstrap.urls.conversations}?${query}`),
      this.#threadActions(),
    );
    setInterval(() => this.transcript.tick(), TICK);
  }

  /** The id of the open conversation, null before the first message of a new one. */
  get id() {
    return this.session?.id ?? null;
  }

  /** @param {object|null} conversation as far as it is known: an id is enough */
  open(conversation, { push = false } = {}) {
    this.composer.flush();
    this.#leave();
    if (push) history.pushState(null, "", conversation ? `/c/${conversation.id}/` : this.bootstrap.urls.home);
    this.threads.setCurrent(conversation?.id ?? null);
    this.#begin(conversation);
    this.tray.load(this.outbox.files(this.id));
    this.composer.load(this.outbox.draft(this.id));
    this.scroll.toEnd();
  }

  startAnew() {
    this.head.closeDrawer();
    this.open(null, { push: true });
    this.composer.focus();
  }

  /** The network is back, or somebody looks at the page again. */
  hurry() {
    this.session?.socket.hurry();
    this.threads.refresh();
    this.resume();
  }

  #leave() {
    this.session?.close();
    this.session = null;
    this.receipt.close();
    this.connection.hide();
    this.composer.showStop(false);
    byId("load-earlier").hidden = true;
  }

  #begin(conversation) {
    this.head.show(conversation);
    this.head.showWelcome(!conversation);
    this.options.show(conversation?.owner ? conversation : null);
    if (!conversation) {
      this.#showNothing();
      this.head.showWelcome(true);
      this.#showUnsentStart();
      return;
    }
    this.session = new Session(conversation.id, {
      api: this.#api(),
      outbox: this.outbox,
      listeners: this.#storeListeners(),
      events: this.#sessionEvents(),
    });
    if (conversation.owner) this.session.store.conversation = conversation;
    this.transcript.open(this.session.store);
    this.gauge.open(this.session.store);
    this.session.start();
  }

  #showNothing() {
    this.transcript.open({ turns: new Map(), open: () => [] });
    this.gauge.open(null);
  }

  #api() {
    const { conversations, socket } = this.bootstrap.urls;
    const origin = location.origin.replace(/^http/, "ws");
    return {
      request,
      conversationUrl: id => `${conversations}${id}/`,
      socketUrl: id => `${origin}${socket}${id}/`,
    };
  }

  #storeListeners() {
    return {
      changed: turn => {
        this.transcript.changed(turn);
        this.#showRunning();
        if (this.receipt.shown) this.receipt.draw();
        if (!this.session?.store.running()) this.gauge.draw();
      },
      listed: () => this.transcript.list(),
      conversationChanged: () => this.#showConversation(),
    };
  }

  #sessionEvents() {
    return {
      state: state => this.#connectionChanged(state),
      unsent: () => this.#showUnsent(),
      accepted: () => this.#learnTitle(),
      said: message => toast(message.message),
      notices: showWaiting,
      listChanged: message => this.#listChanged(message),
      failed: error => this.#loadFailed(error),
      loaded: isFirst => this.#loaded(isFirst),
      statusChanged: tellStatus,
      asked: call => tellAsked(call, this.bootstrap.user),
    };
  }

  #listChanged({ type, conversation }) {
    if (type === "conversation.deleted") this.threads.drop(conversation);
    else this.threads.refresh();
  }

  #connectionChanged(state) {
    this.connection.show(state);
    if (state.kind !== "closed") return;
    if (state.reason !== "signedOut") this.#rescue();
    if (state.reason === "deleted") this.#clear();
  }

  /** Its owner deleted what is open here. */
  #clear() {
    this.session.close();
    this.receipt.close();
    this.threads.drop(this.id);
    this.#showNothing();
    this.head.show(null);
    this.composer.showStop(false);
    byId("load-earlier").hidden = true;
  }

  /** Nothing can be sent here any more, and after a reload not even read: what was typed goes along to a new one. */
  #rescue() {
    this.composer.flush();
    this.session.isShut = true;
    const text = this.outbox.rescue(this.id);
    this.tray.load(this.outbox.files(null));
    this.composer.load(text);
    this.#showUnsent();
  }

  #loaded(isFirst) {
    byId("load-earlier").hidden = !this.session.store.earlier;
    this.head.showWelcome(!this.session.store.turns.size && !this.session.unsent().length);
    if (isFirst) this.scroll.toEnd();
    if (isFirst) showAddressed(this.scroll);
  }

  #loadFailed(error) {
    if (error.status === 401) this.connection.show({ kind: "closed", reason: "signedOut" });
    else if (error.status === 404) this.#connectionChanged({ kind: "closed", reason: "missing" });
    else if (this.session.state.kind === "open") toast(error.message);
  }

  #showConversation() {
    const { conversation } = this.session?.store ?? {};
    if (!conversation) return;
    this.head.show(conversation);
    this.options.show(conversation);
    this.gauge.draw();
    this.threads.take(conversation);
  }

  /** A conversation gets its title from its first message. */
  async #learnTitle() {
    await this.threads.refresh();
    const row = this.threads.conversations.get(this.id);
    // Nothing else of it: what was chosen meanwhile is newer than the row.
    if (row) this.session.store.takeConversation({ title: row.title });
  }

  #showRunning() {
    const { store } = this.session;
    const now = { running: Boolean(store.running()), asks: store.asks() };
    this.composer.showStop(now.running);
    const { conversation } = store;
    if (!conversation?.id) return;
    if (conversation.running === now.running && conversation.asks === now.asks) return;
    Object.assign(conversation, now);
    this.threads.take(conversation);
  }

  #showUnsent() {
    const { session } = this;
    const isShared = session.store.conversation?.visibility === "team";
    // The first moments of a connection are not worth a word.
    const isOffline = session.state.kind !== "open" && session.state.attempt > 0;
    this.transcript.showUnsent(session.unsent(), { isOffline, isShared });
    if (session.unsent().length) this.head.showWelcome(false);
    this.scroll.keep();
  }

  #send(text, files) {
    this.scroll.toEnd();
    if (this.session?.isShut) {
      this.tray.insert(files);
      this.composer.insert(text);
      toast(strings.connection.shut);
      return;
    }
    if (this.session) {
      this.session.send(text, files);
      return;
    }
    this.#start(this.outbox.add(null, text, files));
  }

  /** The first message makes the conversation; its key makes both, so that asking twice is harmless. */
  async #start(message) {
    this.#showUnsentStart();
    let conversation;
    try {
      const wanted = { client_key: message.client_key, ...this.options.choices() };
      conversation = await request("POST", this.bootstrap.urls.conversations, wanted);
    } catch (error) {
      this.#showUnsentStart(error);
      return;
    }
    this.outbox.adopt(conversation.id);
    this.threads.take(conversation);
    if (this.session) return;
    history.pushState(null, "", `/c/${conversation.id}/`);
    this.threads.setCurrent(conversation.id);
    this.#begin(conversation);
  }

  /** A first message that found no server waits on the empty page, also after a reload. */
  #showUnsentStart(error) {
    const messages = this.outbox.unsent(null);
    const refusal = error ? error.message : undefined;
    const isShared = this.options.choices().visibility === "team";
    this.transcript.showUnsent(
      messages.map(message => ({ ...message, refusal })),
      { isOffline: false, isShared },
    );
    this.head.showWelcome(!messages.length);
    if (error?.status === 401) this.connection.show({ kind: "closed", reason: "signedOut" });
  }

  /** Sends what was typed before a reload, and could not be sent. */
  resume() {
    const [message] = this.outbox.unsent(null);
    if (message && !this.session) this.#start(message);
  }

  #transcriptActions() {
    const drop = message => (this.session ? this.session.discard(message) : this.#dropStart(message));
    return {
      retry: async (turn, without, choices) =>
        (await this.session.retry(turn, without, choices)) || toast(strings.errors.network),
      mayLeaveOutOldest: () => !this.options.whyNot("truncation_auto"),
      leaveOut: message => this.#leaveOut(message),
      receipt: (response, opener) => this.receipt.open(this.session.store, response, opener),
      ...decisionActions(this),
      resend: message => (this.session ? this.session.resend(message) : this.#start(message)),
      discard: drop,
      edit: message => {
        drop(message);
        this.tray.insert(message.attachments ?? []);
        this.composer.insert(message.text);
      },
    };
  }

  /** Of this message, and of those to come where the conversation is this person's. */
  #leaveOut(message) {
    const { conversation } = this.session.store;
    const left = Object.entries(conversation.choices).filter(([name]) => name !== message.choice);
    if (conversation.mine !== false) this.tryChange(this.id, { choices: Object.fromEntries(left) });
    this.session.leaveOut(message);
  }

  #dropStart(message) {
    this.outbox.remove(null, message.client_key);
    this.#showUnsentStart();
  }

  async #change(id, changes) {
    const conversation = await request("PATCH", `${this.bootstrap.urls.conversations}${id}/`, changes);
    this.threads.take(conversation);
    if (this.id === id) this.session.store.takeConversation(conversation);
  }

  async tryChange(id, changes) {
    try {
      await this.#change(id, changes);
      return true;
    } catch (error) {
      toast(`${strings.errors.notSaved} ${error.message}`);
      return false;
    }
  }

  #threadActions() {
    return {
      open: conversation => {
        this.head.closeDrawer();
        this.open(conversation, { push: true });
      },
      rename: conversation => this.rename(conversation),
      archive: conversation => archiveConversation(conversation, this),
      export: exportConversation,
      copyLink: conversation => this.head.copyLink(conversation.id),
      delete: conversation => deleteConversation(conversation, this),
    };
  }

  async rename(conversation) {
    const field = byId("rename-text");
    field.value = conversation.title;
    const isSaved = await ask("rename-dialog");
    const title = field.value.trim();
    if (isSaved && title && title !== conversation.title) await this.tryChange(conversation.id, { title });
  }

  async loadEarlier() {
    try {
      const show = await this.session.loadEarlier();
      this.scroll.aroundPrepend(show);
      byId("load-earlier").hidden = !this.session.store.earlier;
    } catch (error) {
      toast(error.message);
    }
  }
}
