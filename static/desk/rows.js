/** Rows by keyboard and pointer: up and down move, Enter opens, x ticks; a click anywhere on a row opens it. */

const INTERACTIVE = "a, button, input, label, summary, select";

export function setUpRows(table, sheet) {
  const links = [...table.querySelectorAll(".row-link")];
  addTooltips(table);
  table.addEventListener("click", event => open(event, sheet));
  document.addEventListener("keydown", event => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || sheet?.isOpen) return;
    const act = {
      ArrowDown: () => move(links, 1),
      ArrowUp: () => move(links, -1),
      x: () => tick(links),
      "/": () => document.getElementById("searchbar")?.focus(),
    }[event.key];
    if (act && act() !== false) event.preventDefault();
  });
}

function isTyping(event) {
  return event.target.closest?.(
    "input:not([type=checkbox]), textarea, select, [contenteditable], details[open]",
  );
}

/** From outside of the rows, down goes to the first one. */
function move(links, by) {
  const at = links.indexOf(document.activeElement?.closest("tr")?.querySelector(".row-link"));
  if (at < 0 && by < 0) return false;
  const next = links[at + by];
  next?.focus();
  next?.closest("tr").scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

function tick(links) {
  const row = links.find(link => link === document.activeElement)?.closest("tr");
  const box = row?.querySelector(".is-tick input");
  box?.click();
  return Boolean(box);
}

/** A new tab, where it was asked for, is the browser's business. */
function open(event, sheet) {
  const row = event.target.closest("tbody tr");
  const link = row?.querySelector(".row-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const isLink = link.contains(event.target);
  if (!isLink && (event.target.closest(INTERACTIVE) || getSelection().toString())) return;
  if (sheet) {
    event.preventDefault();
    sheet.open(row);
  } else if (!isLink) link.click();
}

/** Text that is cut tells itself whole, unless it has a better tooltip. */
function addTooltips(table) {
  table.addEventListener("pointerover", event => {
    const cell = event.target.closest(".cell");
    if (cell && !cell.title && !cell.querySelector("[title]") && isCut(cell))
      cell.title = cell.innerText.trim();
  });
}

const isCut = cell =>
  [cell, ...cell.querySelectorAll("*")].some(element => element.scrollWidth > element.clientWidth + 1);
