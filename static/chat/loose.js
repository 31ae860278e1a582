/** Other servers say odd things: a field that isn't of its type counts as empty. */

export const textOf = value => (typeof value === "string" ? value : "");
export const listOf = value => (Array.isArray(value) ? value : []);
export const objectOf = value => (value && typeof value === "object" && !Array.isArray(value) ? value : {});
