import { h } from './dom';

const visibleFor = 4_000;

const region = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });

/** The place on the page where short messages appear. It must be on the page before the first message. */
export function announcements(): HTMLElement {
  return region;
}

/** Shows a short message for a moment and lets screen readers speak it. */
export function announce(message: string): void {
  const toast = h('p', { class: 'toast' }, message);
  region.replaceChildren(toast);
  setTimeout(() => toast.remove(), visibleFor);
}
