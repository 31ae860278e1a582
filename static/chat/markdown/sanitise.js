/** The second lock: whatever the renderer wrote, only these elements and attributes reach the page. */

import createDOMPurify from "dompurify";

const purify = createDOMPurify(window);

const OPTIONS = {
  IN_PLACE: true,
  ALLOWED_TAGS: [
    ...[
      "div",
      "p",
      "br",
      "hr",
      "h3",
      "h4",
      "h5",
      "h6",
      "ul",
      "ol",
      "li",
      "blockquote",
      "pre",
      "code",
      "span",
    ],
    ...["em", "strong", "s", "a", "sup", "table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["class", "href", "title", "target", "rel", "start", "data-language"],
  ADD_URI_SAFE_ATTR: ["target", "rel", "start", "data-language"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Nothing that is parsed into it loads or runs. */
const inert = document.implementation.createHTMLDocument("");

/**
 * @param {string} html
 * @returns {HTMLElement} a box of no meaning, from which the caller takes the children
 */
export function toElements(html) {
  const box = inert.createElement("div");
  box.innerHTML = html;
  return purify.sanitize(box, OPTIONS);
}
