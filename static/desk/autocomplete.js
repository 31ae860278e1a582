/** Django's autocomplete (Select2) draws search fields without a name; they take that of the field they fill. */

export function nameSearchFields() {
  if (!document.querySelector("select.admin-autocomplete")) return;
  // They are drawn when Django's scripts get to it, for rows that are added, and again with each choice.
  new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  nameAll();
}

function nameAll() {
  for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const select = field.closest(".select2-container")?.previousElementSibling;
    field.setAttribute("aria-label", select?.labels?.[0]?.textContent ?? "Search");
  }
}
