/** localStorage, which may be full or forbidden: then things are kept for as long as the page lives. */

const memory = new Map();

/** @param {unknown} value null forgets it */
export function store(key, value) {
  const text = JSON.stringify(value);
  memory.set(key, text);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    return false;
  }
  return true;
}

export function parseStored(key, fallback) {
  try {
    const text = localStorage.getItem(key) ?? memory.get(key);
    return text === null || text === undefined ? fallback : (JSON.parse(text) ?? fallback);
  } catch {
    return fallback;
  }
}
