/** Names of people and teams are completed while one types; there may be tens of thousands of them. */

const PAUSE_MS = 150;
const OF = { "suggested-people": "person", "suggested-teams": "team" };

export function setUpSuggestions() {
  for (const [id, of] of Object.entries(OF)) {
    for (const field of document.querySelectorAll(`input[list="${id}"]`)) complete(field, of);
  }
}

function complete(field, of) {
  let timer = 0;
  let asked = "";
  const ask = async () => {
    asked = field.value;
    const answer = await fetch(`${field.form.dataset.suggestions}?of=${of}&q=${encodeURIComponent(asked)}`);
    // Of two answers on their way only the one to what stands there now counts.
    if (answer.ok && field.value === asked) fill(field.list, (await answer.json()).suggestions);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
}

function fill(list, suggestions) {
  list.replaceChildren(...suggestions.map(({ value, label }) => new Option(label, value)));
}
