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

const csrfToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";

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
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new ApiError({ code: "network", message: strings.errors.network });
  }
  return parsed(answer);
}

async function parsed(answer) {
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new ApiError({
    code: body?.error?.code ?? "unexpected",
    message: body?.error?.message ?? strings.errors.unexpected,
    status: answer.status,
  });
}
