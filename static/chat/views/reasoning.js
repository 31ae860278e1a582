/** The summary of the model's reasoning, folded, above the answer. */

import { h, icon, setText } from "../dom.js";
import { formatSeconds, secondsBetween } from "../format.js";
import { MarkdownStream } from "../markdown/stream.js";
import { strings } from "../strings.js";

export class Reasoning {
  constructor() {
    this.label = h("span", {}, strings.reasoning);
    this.text = h("div", { class: "reasoning-text prose" });
    this.element = h(
      "details",
      { class: "reasoning", hidden: true },
      h("summary", {}, icon("chevron-right"), this.label),
      this.text,
    );
    this.stream = new MarkdownStream(this.text);
    this.fed = "";
  }

  draw(text, state, response) {
    if (!text) return;
    this.element.hidden = false;
    if (!text.startsWith(this.fed)) {
      this.stream.reset();
      this.fed = "";
    }
    this.stream.append(text.slice(this.fed.length));
    this.fed = text;
    if (state === "thinking") return;
    const thought = formatSeconds(secondsBetween(response.started_at, response.first_delta_at));
    setText(this.label, thought ? strings.thoughtFor(thought) : strings.reasoning);
  }
}
