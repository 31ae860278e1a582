/** The desk's page: everything works without these; they save steps. */

import { setUpTheme } from "../chat/views/theme.js";
import { nameSearchFields } from "./autocomplete.js";
import { setUpCopying } from "./copying.js";
import { setUpDrawer } from "./drawer.js";
import { setUpFilters } from "./filters.js";
import { setUpProgress } from "./progress.js";
import { setUpRows } from "./rows.js";
import { setUpSelection } from "./selection.js";
import { setUpSheet } from "./sheet.js";
import { setUpSuggestions } from "./suggestions.js";

const page = document.body;

if (page.classList.contains("desk")) {
  setUpTheme();
  setUpDrawer();
}
setUpCopying();
setUpProgress();
nameSearchFields();

const table = document.getElementById("result_list");
setUpFilters();
setUpSuggestions();
if (document.getElementById("selection")) setUpSelection(table);
if (table) {
  const sheet = table.dataset.opens === "sheet" ? setUpSheet() : null;
  setUpRows(table, sheet);
}
