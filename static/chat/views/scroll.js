/** Follows the end of the transcript, unless the reader has scrolled up: then nothing moves under their eyes. */

const NEAR = 60;

export class Scroll {
  /** @param {HTMLElement} box that scrolls @param {HTMLButtonElement} jump shown when the end is out of sight */
  constructor(box, jump) {
    Object.assign(this, { box, jump });
    this.follows = true;
    this.ledTo = NaN;
    box.addEventListener("scroll", () => this.#look(), { passive: true });
    jump.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.keep()).observe(box);
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    // Growing content doesn't end the following; only a reader who moves away from the end does.
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
    if (isNear) this.follows = true;
    else if (scrollTop < this.lastTop) this.follows = false;
    this.lastTop = scrollTop;
    this.jump.hidden = this.follows || isNear;
  }

  /** After a change below: stays at the end, if that is where the reader was. */
  keep() {
    if (this.follows) this.box.scrollTop = this.box.scrollHeight;
    else this.#look();
  }

  /** Shows a place in the middle; what comes at the end doesn't move it. */
  to(element) {
    if (!element) return;
    this.follows = false;
    element.scrollIntoView({ block: "center" });
    this.ledTo = this.box.scrollTop;
  }

  /** To the end again, for those who are still where they were led. */
  back() {
    if (Math.abs(this.box.scrollTop - this.ledTo) < NEAR) this.toEnd();
    this.ledTo = NaN;
  }

  /** What somebody has to see; who reads further up finds it by the way to the end. */
  reveal(element) {
    if (this.follows) this.to(element);
  }

  toEnd() {
    this.follows = true;
    this.keep();
  }

  /** Content is added above: what the reader sees stays where it is. */
  aroundPrepend(change) {
    const { scrollHeight, scrollTop } = this.box;
    change();
    this.box.scrollTop = scrollTop + this.box.scrollHeight - scrollHeight;
  }
}
