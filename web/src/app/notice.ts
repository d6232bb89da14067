import { h, icon, type Child, type IconName } from './dom';

/** A full-width message in the place of content: nothing here yet, something failed, something is over. */
export function emptyState(name: IconName, title: string, text: string, ...actions: Child[]): HTMLElement {
  return h('section', { class: 'empty-state' },
    icon(name),
    h('h2', {}, title),
    h('p', {}, text),
    actions.length > 0 && h('div', { class: 'empty-state-actions' }, ...actions));
}
