import type { Question } from './confirm';

/** One screen of the page. The shell shows exactly one at a time. */
export interface View {
  /** What the shell puts on the page. */
  readonly element: HTMLElement;

  /** What the browser tab is called. */
  readonly title: string;

  /** Moves the keyboard to where the work of this screen is done: the "skip" link and a change of screen call it. */
  focusContent(): void;

  /** What to ask before the screen is left, or null when nothing would be lost by leaving. */
  leaveQuestion(): Question | null;

  /** Ends connections and timers. Called once, after the element has left the page. */
  destroy(): void;
}
