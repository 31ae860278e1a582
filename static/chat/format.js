/** Numbers and times as people read them. */

import { strings } from "./strings.js";

const DAY = 86_400_000;

const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const formatDate = iso => date.format(new Date(iso));
export const formatDateTime = iso => dateTime.format(new Date(iso));
export const formatNumber = value => value.toLocaleString();

/** @returns {number|null} whole seconds between two moments, or null while one of them is unknown */
export const secondsBetween = (from, to) => (from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : null);

export function formatSeconds(value) {
  if (value === null) return null;
  return value < 10 ? `${Math.max(0, value).toFixed(1)} s` : strings.seconds(Math.round(value));
}

/** Two figures are enough for the small amounts that answers cost. */
export function formatMoney({ amount, currency }) {
  const value = Number(amount);
  const digits = value >= 1 || value === 0 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(value)));
  const style = {
    style: "currency",
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.max(2, digits),
  };
  return new Intl.NumberFormat(undefined, style).format(value);
}

/** @returns {number} days until then, rounded; 0 in the last half day and after */
export const daysUntil = (iso, now = Date.now()) => Math.max(0, Math.round((Date.parse(iso) - now) / DAY));

/** @returns {"today"|"yesterday"|"week"|"month"|string} the heading below which a moment is listed */
export function dayGroup(iso, now = new Date()) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const at = Date.parse(iso);
  if (at >= midnight) return "today";
  if (at >= midnight - DAY) return "yesterday";
  if (at >= midnight - 6 * DAY) return "week";
  if (at >= midnight - 29 * DAY) return "month";
  return new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" }).format(at);
}
