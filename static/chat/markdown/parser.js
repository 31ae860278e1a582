/**
 * markdown-it as the chat uses it. Raw HTML stays text, pictures become links, links are http, https or mailto.
 *
 * Lists are always rendered with paragraphs inside their items: in CommonMark a blank line near the end of a list
 * changes how its first item looks, and an answer that is still being written must not change above its end.
 */

import MarkdownIt from "markdown-it";

const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;
const REL = "noopener noreferrer nofollow";
const TOP_HEADING = 3;
const LOWEST_HEADING = 6;

const md = new MarkdownIt({ html: false, linkify: true, breaks: true });
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
md.validateLink = url => SAFE_LINK.test(url.trim());

/** @param {number[]} headings the levels of the headings that enclose this place, as written */
export const newContext = (headings = []) => ({ references: {}, headings: headings.slice() });

export const parse = (text, context) => md.parse(text, context);

/** @returns {object[]} the tokens of a paragraph's text */
export function parseInline(text, context) {
  const tokens = [];
  md.inline.parse(text, md, context, tokens);
  return tokens;
}

export const renderTokens = (tokens, context) => md.renderer.render(tokens, md.options, context);

export const escapeHtml = text => md.utils.escapeHtml(text);

md.core.ruler.push("uniform_lists", state => {
  for (const token of state.tokens) if (token.type.startsWith("paragraph_")) token.hidden = false;
});

/**
 * Headings of an answer lie below the page's own, without leaving out a level; the level that the model wrote
 * decides only how they look.
 */
export function displayedLevel(headings, written) {
  while (headings.length && headings.at(-1) >= written) headings.pop();
  headings.push(written);
  return Math.min(TOP_HEADING + headings.length - 1, LOWEST_HEADING);
}

md.core.ruler.push("heading_levels", state => {
  for (const [index, token] of state.tokens.entries()) {
    if (token.type !== "heading_open") continue;
    const written = Number(token.tag.slice(1));
    const tag = `h${displayedLevel(state.env.headings, written)}`;
    token.attrSet("class", `heading-${written}`);
    token.tag = tag;
    state.tokens[index + 2].tag = tag;
    token.meta = { written };
  }
});

md.renderer.rules.link_open = (tokens, index, options, context, self) => {
  context.insideLink = true;
  tokens[index].attrSet("target", "_blank");
  tokens[index].attrSet("rel", REL);
  return self.renderToken(tokens, index, options);
};

md.renderer.rules.link_close = (tokens, index, options, context, self) => {
  context.insideLink = false;
  return self.renderToken(tokens, index, options);
};

/** A picture from elsewhere would tell its host who reads; it is a link that a person may follow. */
md.renderer.rules.image = (tokens, index, _options, context) => {
  const source = tokens[index].attrGet("src");
  const label = escapeHtml(tokens[index].content || source);
  if (context.insideLink || !SAFE_LINK.test(source)) return `<span class="image-chip">${label}</span>`;
  return `<a class="image-chip" href="${escapeHtml(source)}" target="_blank" rel="${REL}">${label}</a>`;
};

/** Marks of sources (see citations.js); there is no link inside a link, and none inside code. */
const CITED = /\uE000(\d+)\uE001/g;
const withCitations = (html, insideLink) =>
  html.replace(CITED, insideLink ? "" : '<sup class="cite">$1</sup>');

md.renderer.rules.text = (tokens, index, _options, context) =>
  withCitations(escapeHtml(tokens[index].content), context.insideLink);

const inlineCode = md.renderer.rules.code_inline;
md.renderer.rules.code_inline = (tokens, index, ...rest) => {
  tokens[index].content = tokens[index].content.replace(CITED, "");
  return inlineCode(tokens, index, ...rest);
};

/** The alignment of a column as a class, where markdown-it would write a style attribute. */
const alignedCell = (tokens, index, options, _env, self) => {
  const style = tokens[index].attrGet("style") ?? "";
  tokens[index].attrs = null;
  const side = /text-align:(\w+)/.exec(style)?.[1];
  if (side && side !== "left") tokens[index].attrSet("class", `align-${side}`);
  return self.renderToken(tokens, index, options);
};
/** A heading of nothing is none: the corner of a table is often empty. */
md.renderer.rules.th_open = (tokens, index, ...rest) => {
  if (!tokens[index + 1].content) tokens[index].tag = tokens[index + 2].tag = "td";
  return alignedCell(tokens, index, ...rest);
};
md.renderer.rules.td_open = alignedCell;

export const languageOf = info => info.trim().split(/\s+/)[0].toLowerCase();

/** Code is written plain here, with its language as data; the frame and the colours are added to the elements. */
const codeBlock = (content, language) =>
  `<pre class="code"><code data-language="${escapeHtml(language)}">${escapeHtml(content)}</code></pre>\n`;

md.renderer.rules.fence = (tokens, index) => codeBlock(tokens[index].content, languageOf(tokens[index].info));
md.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index].content, "");
