import './styles/base.css';
import './styles/list.css';
import { announcements } from './app/announce';
import { confirm } from './app/confirm';
import { h } from './app/dom';
import { emptyState } from './app/notice';
import { parseRoute, type Route } from './app/routes';
import { adoptToken } from './app/token';
import type { View } from './app/view';
import { listView } from './list/listView';

adoptToken();

const app = document.querySelector<HTMLElement>('#app');
if (app === null) throw new Error('index.html has no #app element.');

let current: View | null = null;
/** The part of the address that belongs to what is shown. */
let shownHash = location.hash;
/** Counts changes of address, so that a screen that loaded too late is not shown over a newer one. */
let visit = 0;

const skip = h('a', { class: 'skip-link', href: '#main' }, 'Skip to content');
skip.addEventListener('click', (event) => {
  // The hash is the page's address, so the link must not follow itself.
  event.preventDefault();
  current?.focusContent();
});

const stage = h('div', { class: 'stage' });
app.append(skip, stage, announcements());

function show(view: View, moveFocus: boolean): void {
  const previous = current;
  current = view;
  stage.replaceChildren(view.element);
  document.title = view.title;
  previous?.destroy();
  if (moveFocus) view.focusContent();
}

async function navigate(moveFocus: boolean): Promise<void> {
  const thisVisit = ++visit;
  const hash = location.hash;
  // The address of what is shown: a person decided to stay.
  if (current !== null && hash === shownHash) return;
  const question = current?.leaveQuestion() ?? null;
  if (question !== null && !(await confirm(question))) {
    if (thisVisit === visit) history.replaceState(null, '', shownHash === '' ? '#/' : shownHash);
    return;
  }
  if (thisVisit !== visit) return;
  const view = await open(parseRoute(hash));
  if (thisVisit === visit) {
    shownHash = hash;
    show(view, moveFocus);
  } else {
    view.destroy();
  }
}

async function open(route: Route): Promise<View> {
  switch (route.kind) {
    case 'list':
      return listView();
    case 'document':
      // The editor and Yjs are loaded only by those who open a document.
      try {
        return (await import('./document/documentView')).documentView(route.name);
      } catch (error) {
        console.error(error);
        return messageView('The editor could not be loaded', 'The server may be away, or it was updated since this page was opened.', 'Reload', () => location.reload());
      }
    case 'unknown':
      return messageView('There is nothing at this address', 'The link may have been cut off on its way to you.', 'All documents', () => { location.hash = '#/'; });
  }
}

function messageView(title: string, text: string, action: string, act: () => void): View {
  const button = h('button', { class: 'button button-primary', type: 'button' }, action);
  button.addEventListener('click', act);
  const element = h('main', { id: 'main', class: 'centre', tabindex: -1 }, emptyState('warning', title, text, button));
  return { element, title: 'CoEdit', focusContent: () => element.focus(), leaveQuestion: () => null, destroy: () => undefined };
}

window.addEventListener('hashchange', () => {
  // What is shown was opened with the former token, or without one.
  if (adoptToken()) location.reload();
  else void navigate(true);
});
void navigate(false);
