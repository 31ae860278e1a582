/** What a conversation is set up with: deployment, who sees it, instructions, background, parameters. Before it exists the choices wait here. */

import { byId, h, setText } from "../dom.js";
import { kept } from "../kept.js";
import { parseStored, store } from "../storage.js";
import { strings } from "../strings.js";
import { ask } from "./dialogs.js";
import { HostedTools } from "./hosted.js";
import { Parameters } from "./parameters.js";
import { SchemaField } from "./schema.js";
import { toast } from "./toasts.js";
import { ToolChoices } from "./tools.js";

/** What the select's values mean; null leaves it to the deployment. */
const BACKGROUND = { deployment: null, yes: true, no: false };

const LAST_DEPLOYMENT = "deployment";

export class Options {
  /**
   * @param {object} bootstrap
   * @param {(changes: object) => Promise<void>} change saves changes to the conversation that is open
   */
  constructor(bootstrap, change) {
    Object.assign(this, { bootstrap, change });
    this.deployment = byId("deployment");
    this.sharing = byId("sharing");
    this.options = byId("options");
    this.parameters = new Parameters(byId("parameters"));
    this.tools = new ToolChoices(byId("tools"));
    this.hosted = new HostedTools(byId("hosted-tools"));
    this.schema = new SchemaField(byId("answer-schema"));
    this.deployment.addEventListener("change", () => this.#choseDeployment());
    this.sharing.addEventListener("change", () => this.#choseSharing());
    this.options.addEventListener("click", () => this.#askOptions());
  }

  /** @param {object|null} conversation null before the first message */
  show(conversation) {
    if (!conversation && !this.fresh) this.fresh = this.#freshChoices();
    if (conversation) this.fresh = null;
    this.conversation = conversation;
    const chosen = conversation ?? this.fresh;
    const mayChange = !conversation || conversation.mine !== false;
    this.#showDeployment(chosen.deployment, mayChange);
    this.#showSharing(chosen, mayChange);
    const isUsual = (chosen.background ?? null) === null && !Object.keys(chosen.choices ?? {}).length;
    byId("has-options").hidden = !chosen.instructions && isUsual;
  }

  /** What the first message's conversation is started with. */
  choices() {
    const { team, ...chosen } = this.fresh ?? this.#freshChoices();
    return { ...chosen, team: team.id };
  }

  /** A browser for the conversation that is about to begin, on the first deployment that can. */
  useBrowser() {
    const able = this.bootstrap.deployments.find(each => !each.abilities?.computer_use);
    if (able) this.#save({ deployment: able.id, choices: { ...this.fresh.choices, computer: true } });
  }

  /** The deployment that the next message goes to. */
  current() {
    return this.bootstrap.deployments.find(each => String(each.id) === this.deployment.value);
  }

  /** @returns {string} why the deployment can't do this; empty where it can */
  whyNot(feature) {
    return this.current()?.abilities?.[feature] ?? "";
  }

  /** Whether answers are stored upstream: a matter of the team that a new conversation is for. */
  stores() {
    return this.#team()?.store_upstream !== false;
  }

  #team() {
    const { team } = this.conversation ?? this.fresh ?? this.#freshChoices();
    return this.bootstrap.teams.find(each => each.id === team?.id);
  }

  #freshChoices() {
    const { deployments, teams } = this.bootstrap;
    const last = parseStored(LAST_DEPLOYMENT, null);
    const deployment = deployments.find(each => each.id === last) ?? deployments[0];
    const open = { instructions: "", background: null, visibility: "team", choices: {} };
    return { ...open, deployment: deployment?.id, team: teams[0] ?? {} };
  }

  #showDeployment(id, mayChange) {
    this.deployment.disabled = !mayChange;
    this.deployment.value = String(id);
  }

  #showSharing({ team, visibility }, mayChange) {
    const teams = this.conversation ? [team] : this.bootstrap.teams;
    const isOne = teams.length < 2;
    const option = (value, label) => h("option", { value }, label);
    const options = teams.flatMap(each => [
      option(`team:${each.id}`, strings.sharing.team(each.name)),
      option(`private:${each.id}`, isOne ? strings.sharing.private : strings.sharing.privateIn(each.name)),
    ]);
    this.sharing.replaceChildren(...options);
    this.sharing.value = `${visibility}:${team.id}`;
    this.sharing.disabled = !mayChange || !teams.length;
  }

  #choseDeployment() {
    const deployment = Number(this.deployment.value);
    store(LAST_DEPLOYMENT, deployment);
    this.#save({ deployment });
  }

  #choseSharing() {
    const [visibility, id] = this.sharing.value.split(":");
    const team = this.bootstrap.teams.find(each => String(each.id) === id) ?? this.conversation?.team;
    this.#save(this.conversation ? { visibility } : { visibility, team });
    toast(visibility === "private" ? strings.sharing.nowPrivate : strings.sharing.nowShared(team.name));
  }

  async #askOptions() {
    const mayChange = !this.conversation || this.conversation.mine !== false;
    const chosen = this.conversation ?? this.fresh;
    const text = byId("instructions-text");
    text.readOnly = !mayChange;
    text.value = chosen.instructions;
    const background = this.#showBackground(chosen.background, mayChange);
    this.#showChoices(chosen.choices ?? {}, mayChange);
    const { long } = kept(this.conversation?.retention);
    byId("kept-hint").hidden = !long;
    setText(byId("kept-hint"), long ?? "");
    byId("save-options").hidden = !mayChange;
    if (await ask("options-dialog"))
      this.#save({
        instructions: text.value,
        background: BACKGROUND[background.value],
        choices: this.#readChoices(),
      });
  }

  #showChoices(choices, mayChange) {
    const { tools, mcp_servers: servers = [] } = this.#team() ?? {};
    this.parameters.show(choices, this.current(), { mayChange, stores: this.stores() });
    const computer = this.#browsing(choices);
    this.tools.show(choices.tools, tools, { mayChange, refused: this.whyNot("tools"), computer });
    this.hosted.show(choices, this.current(), { mayChange, servers });
    this.schema.show(choices, this.current(), { mayChange });
  }

  #readChoices() {
    const plain = { ...this.parameters.read(), ...this.tools.read() };
    return this.schema.applied(this.hosted.applied(plain));
  }

  /** Nothing where the team or the deployment can't. */
  #browsing(choices) {
    const rules = !this.whyNot("computer_use") && this.#team()?.computer;
    return rules ? { chosen: choices.computer, rules, refused: this.bootstrap.no_browser } : undefined;
  }

  #showBackground(chosen, mayChange) {
    const select = byId("background");
    const words = strings.background;
    const refused = this.current()?.abilities?.background;
    const option = (value, label) => h("option", { value }, label);
    const options = [
      option("deployment", words.deployment(Boolean(this.current()?.background))),
      (!refused || chosen) && option("yes", words.yes),
      option("no", words.no),
    ];
    select.replaceChildren(...options.filter(Boolean));
    setText(byId("background-refused"), refused || "");
    select.value = Object.keys(BACKGROUND).find(key => BACKGROUND[key] === (chosen ?? null));
    select.disabled = !mayChange;
    return select;
  }

  async #save(changes) {
    if (!this.conversation) {
      Object.assign(this.fresh, changes);
      this.show(null);
      this.onFresh?.();
      return;
    }
    try {
      await this.change(changes);
    } catch (error) {
      toast(`${strings.errors.notSaved} ${error.message}`);
      this.show(this.conversation);
    }
  }
}
