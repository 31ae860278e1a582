/** JSON over HTTP: the session's cookie, the CSRF token, and one kind of error. */

import { strings } from "./strings.js";

export class ApiError extends Error {
  /** @param {{code: string, message: string, status?: number}} what `status` 0 when nothing answered */
  constructor({ code, message, status = 0 }) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A dead line would keep the page waiting for minutes: an answer begins within the first, and ends within the second. */
const UNTIL_IT_BEGINS = 8_000;
const UNTIL_IT_ENDS = 60_000;

export const csrfToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

/**
 * @param {string} method
 * @param {string} url
 * @param {object} [body] sent as JSON
 * @returns {Promise<object>}
 * @throws {ApiError}
 */
export async function request(method, url, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body) headers["Content-Type"] = "application/json";
  const options = { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" };
  const line = new AbortController();
  let patience = setTimeout(() => line.abort(), UNTIL_IT_BEGINS);
  try {
    const answer = await fetch(url, { ...options, signal: line.signal });
    clearTimeout(patience);
    patience = setTimeout(() => line.abort(), UNTIL_IT_ENDS);
    return parsed(answer, await answer.text());
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError({ code: "network", message: strings.errors.network });
  } finally {
    clearTimeout(patience);
  }
}

function parsed(answer, text) {
  const body = parsedOrNull(text);
  if (answer.ok && body) return body;
  throw new ApiError({
    code: body?.error?.code ?? "unexpected",
    message: body?.error?.message ?? strings.errors.unexpected,
    status: answer.status,
  });
}

function parsedOrNull(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
