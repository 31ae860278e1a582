/** Image generation: what comes early is shown blurred, until the picture is there. */

import { textOf } from "../../loose.js";
import { measures, pictureAddress } from "../../pictures.js";
import { strings } from "../../strings.js";
import { errorText } from "./mcp.js";
import { facts, labelled, paragraph } from "./bits.js";

const words = strings.steps;

export function imageGeneration(item, { state, response }) {
  const prompt = textOf(item.revised_prompt);
  const told = ["size", "quality", "background", "output_format"].map(name => [
    words.drawing[name],
    item[name],
  ]);
  const error = errorText(item.error);
  return {
    icon: "image",
    title: state === "failed" ? words.notDrawn : words.draw[state === "running" ? 0 : 1],
    details:
      prompt || error
        ? () => [
            labelled(words.error, paragraph(error)),
            labelled(words.prompt, paragraph(prompt)),
            facts(told),
          ]
        : null,
    pictures: pictureOf(item, state, response),
  };
}

function pictureOf(item, state, response) {
  const size = measures(item.size);
  const alt = textOf(item.revised_prompt) || words.picture;
  const done = pictureAddress(response.id, item.result);
  if (done) return [{ src: done, alt, ...size }];
  const early = pictureAddress(response.id, item.partial_image_b64);
  if (early) return [{ src: early, alt, isPreview: true, ...size }];
  return state === "running" ? [{ src: "", alt }] : [];
}
