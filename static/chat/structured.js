/** Answers that were asked to fit a JSON schema. */

/**
 * @param {string} text of an answer
 * @param {boolean} isGrowing
 * @returns {string} the same as a block of Markdown, in lines once it is whole
 */
export function block(text, isGrowing) {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return isGrowing ? `${fence}json\n${text}` : `${fence}json\n${inLines(text)}\n${fence}`;
}

/** As it came, where it is no JSON. */
export function inLines(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const longestRun = text => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
