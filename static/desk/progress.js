/** Work that goes on while one looks: figures come in, and at the end of each stage the page is read anew. */

const EVERY = 1500;

export function setUpProgress() {
  for (const place of document.querySelectorAll("[data-progress]")) watch(place);
}

async function watch(place, stage) {
  const told = await read(place.dataset.progress);
  if (told && (!told.running || (stage && told.status !== stage))) return location.reload();
  if (told) show(place, told);
  setTimeout(() => watch(place, told?.status ?? stage), EVERY);
}

/** Null when nothing answers; the next round may be luckier. */
async function read(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function show(place, told) {
  const bar = place.querySelector("progress");
  if (bar) Object.assign(bar, { max: told.total || 1, value: told.ended });
  for (const [name, number] of Object.entries({ ...told.outcomes, total: told.total, ended: told.ended })) {
    const figure = place.querySelector(`[data-figure="${name}"]`);
    if (figure) figure.textContent = number.toLocaleString();
  }
  for (const [name, word] of Object.entries(told.words ?? {}))
    place.querySelector(`[data-word="${name}"]`)?.replaceChildren(word);
}
