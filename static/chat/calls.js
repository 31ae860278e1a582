/** Calls of tools on our side: the rows beside the items that asked for them. Pure functions. */

const ASKING = new Set(["asks_approval", "asks_output"]);
const OPEN = new Set([...ASKING, "queued", "running"]);

export const isAsking = call => ASKING.has(call.state);
export const isOpenCall = call => OPEN.has(call.state);

/** @returns {object[]} of each call the row with the highest revision, in the order of their items */
export function merged(known = [], come = []) {
  const calls = new Map(known.map(call => [call.id, call]));
  for (const call of come) if (!(calls.get(call.id)?.revision > call.revision)) calls.set(call.id, call);
  return [...calls.values()].sort((one, other) => one.position - other.position);
}

/** @returns {object|undefined} the row of an item, once there is one: when its response has ended */
export const callOf = (response, item) =>
  response.calls?.find(call => call.call_id === (item.type === "function_call" ? item.call_id : item.id));

const CALLS = new Set(["function_call", "mcp_approval_request"]);

/** Whether the answer goes on with what was called. */
export const goesOn = response =>
  response.status === "completed" && response.items.some(item => CALLS.has(item?.type));

/** Whether this person may approve, decline or answer it; the server asks again. */
export function mayDecide(call, me) {
  if (!isAsking(call)) return false;
  const isAsker = call.asker?.username === me.username;
  return { asker: isAsker, team: true, other: !isAsker }[call.approvers] ?? false;
}

/** What the rounds of an attempt wait for: a person, a tool, or nothing. */
export function waitingFor(rounds) {
  const calls = rounds.flatMap(response => response.calls ?? []).filter(isOpenCall);
  const asking = calls.filter(isAsking);
  if (asking.length) return asking.every(call => call.state === "asks_output") ? "person" : "approval";
  return calls.length ? "tool" : "";
}

/** @returns {[string, string][]} the arguments by name as people read them; one without a name where they are no object */
export function pairsOf(text) {
  const given = parsed(text);
  if (!given || typeof given !== "object" || Array.isArray(given)) return text ? [["", text]] : [];
  const said = value => (typeof value === "string" ? value : JSON.stringify(value, null, 1));
  return Object.entries(given).map(([name, value]) => [name, said(value)]);
}

/** The arguments in one line: location: "Paris", days: 3. */
export function inOneLine(text) {
  const given = parsed(text);
  if (!given || typeof given !== "object" || Array.isArray(given)) return (text ?? "").trim();
  const pairs = Object.entries(given);
  return pairs.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @returns {string} what a failed call says of its failure */
export function troubleOf({ state, output }) {
  if (state === "done") return "";
  const error = parsed(output)?.error;
  return typeof error === "string" ? error : "";
}
