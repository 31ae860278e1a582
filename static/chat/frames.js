/** Draws what has changed, once a frame, and goes on while a view has more to show. */

const HIDDEN_PAUSE = 200;

export class Frames {
  /** @param {() => void} afterwards runs when all views of a frame are drawn */
  constructor(afterwards) {
    this.afterwards = afterwards;
    this.views = new Set();
    this.isAsked = false;
  }

  /** @param {{draw: (now: number) => boolean}} view `draw` tells whether it wants the next frame too */
  mark(view) {
    this.views.add(view);
    this.#ask();
  }

  forget() {
    this.views.clear();
  }

  #ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    // A page that nobody sees gets no animation frames.
    if (document.hidden) setTimeout(() => this.#run(performance.now()), HIDDEN_PAUSE);
    else requestAnimationFrame(now => this.#run(now));
  }

  #run(now) {
    this.isAsked = false;
    for (const view of [...this.views]) if (!view.draw(now)) this.views.delete(view);
    this.afterwards();
    if (this.views.size) this.#ask();
  }
}
