/** A task that is over as slides: Play and Pause, and the arrow keys. Who wants less motion turns each one. */

import { h, icon } from "../dom.js";
import { strings } from "../strings.js";

const words = strings.computer;
export const SLIDE_MS = 2000;
const KEYS = { ArrowLeft: -1, ArrowRight: 1 };

export class Replay {
  /**
   * @param {() => object[]} slides the steps that have pictures
   * @param {() => object} looked the one that is shown
   * @param {(step: object) => void} show
   */
  constructor(slides, looked, show) {
    Object.assign(this, { slides, looked, show });
    this.timer = null;
    this.button = h("button", { type: "button", class: "button plain", onclick: () => this.#press() });
    this.#label();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.#label();
  }

  /** @returns {boolean} whether the key turned to another slide */
  turn(key) {
    const to = key in KEYS && this.#beside(KEYS[key]);
    if (!to) return false;
    this.stop();
    this.show(to);
    return true;
  }

  #press() {
    if (this.timer !== null) return this.stop();
    this.show(this.#beside(1) ?? this.slides()[0]);
    if (!wantsLessMotion()) this.#wait();
  }

  #wait() {
    this.timer = setTimeout(() => this.#next(), SLIDE_MS);
    this.#label();
  }

  #next() {
    const next = this.button.isConnected && this.#beside(1);
    if (!next) return this.stop();
    this.show(next);
    this.#wait();
  }

  #beside(by) {
    const slides = this.slides();
    return slides[slides.indexOf(this.looked()) + by];
  }

  #label() {
    const isPlaying = this.timer !== null;
    const word = isPlaying ? words.pause : wantsLessMotion() ? words.nextStep : words.play;
    this.button.replaceChildren(icon(isPlaying ? "pause" : "play"), word);
  }
}

function wantsLessMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
