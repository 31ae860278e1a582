/** The few helpers that the views build the page with. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element: `onclick`-like names with a function are listeners, `false`, `null` and `undefined` leave an attribute out.
 * @param {string} tag
 * @param {Object<string, unknown>} [attributes]
 * @param {...(Node|string|null|undefined|false)} children
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.filter(Boolean));
  return element;
}

function setAttribute(element, name, value) {
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
}

/** A picture of the sprite that the build makes; its address stands on the root element. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

export const byId = id => document.getElementById(id);

/** Puts `children` into `element` unless it holds exactly these already. */
export function fill(element, ...children) {
  const wanted = children.filter(Boolean);
  const now = [...element.childNodes];
  if (now.length === wanted.length && now.every((node, index) => node === wanted[index])) return;
  element.replaceChildren(...wanted);
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
