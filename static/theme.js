/**
 * Sets the remembered theme before the first paint. Without one the page follows the system; `light` or `dark` on the
 * root element narrows `color-scheme`, which every colour token depends on.
 */

const KEY = "theme";

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const theme = remembered();
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
