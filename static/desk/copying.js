/** Buttons that copy what they carry, wherever they are on the page, in sheets that came later too. */

import { copy } from "../chat/views/bits.js";

export function setUpCopying() {
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button.dataset.copy, button);
  });
}
