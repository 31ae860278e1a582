/** Django's autocomplete (Select2) draws search fields without a name; they take that of the field they fill. */

export function nameSearchFields() {
  const nameAll = () => document.querySelectorAll(".select2-search__field:not([aria-label])").forEach(name);
  addEventListener("load", nameAll);
  document.addEventListener("focusin", nameAll);
}

function name(field) {
  const container = field.closest(".select2-container");
  const select = container?.previousElementSibling;
  field.setAttribute("aria-label", select?.labels?.[0]?.textContent ?? "Search");
}
