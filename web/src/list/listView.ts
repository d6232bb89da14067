import { announce } from '../app/announce';
import { ApiError, deleteDocument, isAbort, type DocumentSummary } from '../app/api';
import { confirm } from '../app/confirm';
import { h, icon } from '../app/dom';
import { emptyState } from '../app/notice';
import type { View } from '../app/view';
import { DocumentPages, type Listing } from './documentPages';
import { DocumentRow } from './documentRow';
import { newDocumentForm } from './newDocumentForm';

const refreshEvery = 10_000;
const typingPause = 200;

/** The list of all documents, with search and the form for a new one. */
export function listView(): View {
  const pages = new DocumentPages();
  const rows = new Map<string, DocumentRow>();
  let loaded = false;
  let typing = 0;

  const searchField = h('input', {
    class: 'field', type: 'search', placeholder: 'Search', 'aria-label': 'Search documents', autocomplete: 'off', 'data-testid': 'doc-search',
  });
  const list = h('ul', { class: 'rows', 'aria-label': 'Documents', 'data-testid': 'doc-list' });
  const moreButton = h('button', { class: 'button', type: 'button', hidden: true, 'data-testid': 'doc-more' }, 'Show more');
  const message = h('div', { class: 'list-message', 'data-testid': 'doc-message' });
  const stale = h('p', { class: 'list-stale', role: 'status', hidden: true, 'data-testid': 'doc-stale' });
  const skeleton = h('div', { class: 'skeleton', role: 'status' }, h('span', { class: 'visually-hidden' }, 'Loading documents'),
    h('span', { class: 'bone' }), h('span', { class: 'bone' }), h('span', { class: 'bone' }));
  const main = h('main', { id: 'main', class: 'page', tabindex: -1 },
    h('h1', {}, 'Documents'),
    newDocumentForm(),
    h('div', { class: 'search' }, icon('search'), searchField),
    stale, list, message,
    h('div', { class: 'list-more' }, moreButton));
  const element = h('div', { class: 'list-screen' },
    h('header', { class: 'site-header' }, h('a', { class: 'brand', href: '#/' }, brandMark(), 'CoEdit')),
    main);
  message.append(skeleton);

  /** Shows the outcome of a request; every request of this view ends here. */
  async function settle(request: Promise<Listing>): Promise<void> {
    try {
      showListing(await request);
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof ApiError)) throw error;
      showFailure(error);
    } finally {
      moreButton.disabled = false;
    }
  }

  function showListing(listing: Listing): void {
    loaded = true;
    stale.hidden = true;
    fillRows(listing.documents);
    moreButton.hidden = !listing.hasMore;
    if (listing.documents.length > 0) {
      message.replaceChildren();
    } else if (pages.searchText !== '') {
      message.replaceChildren(emptyState('search', 'Nothing found', `No document has “${pages.searchText}” in its name.`));
    } else {
      message.replaceChildren(emptyState('page', 'No documents yet', 'Give the first one a name above, and share its link with the people you write with.'));
    }
  }

  function fillRows(documents: readonly DocumentSummary[]): void {
    const now = new Date();
    const names = new Set(documents.map((document) => document.name));
    for (const [name, row] of rows) {
      if (names.has(name)) continue;
      row.element.remove();
      rows.delete(name);
    }
    documents.forEach((document, index) => {
      const row = rows.get(document.name) ?? new DocumentRow(document.name, () => void remove(document.name));
      rows.set(document.name, row);
      row.update(document, now);
      // Moving an element takes the focus from it, so only those at a wrong place are moved.
      if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
    });
  }

  function showFailure(error: ApiError): void {
    if (loaded) {
      stale.textContent = `${error.message} The list may be out of date.`;
      stale.hidden = false;
      return;
    }
    const retry = h('button', { class: 'button button-primary', type: 'button' }, 'Try again');
    retry.addEventListener('click', () => {
      message.replaceChildren(skeleton);
      void settle(pages.load());
    });
    message.replaceChildren(emptyState('warning', 'The list could not be loaded', error.message, retry));
  }

  async function remove(name: string): Promise<void> {
    const agreed = await confirm({
      title: `Delete “${name}”?`,
      text: 'The document disappears for everybody, and those who have it open can only copy its text.',
      action: 'Delete',
    });
    if (!agreed) return;
    try {
      await deleteDocument(name);
      announce(`“${name}” was deleted.`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 404) {
        announce(`“${name}” was not deleted. ${error.message}`);
        return;
      }
      announce(`“${name}” was already deleted.`);
    }
    focusAfter(name);
    await settle(pages.load());
  }

  /** The row with the focus is about to go: the next one takes it, or the one before, or the search field. */
  function focusAfter(name: string): void {
    const row = rows.get(name)?.element;
    const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
    (neighbour?.querySelector('a') ?? searchField).focus();
  }

  const refresh = (): void => {
    if (document.visibilityState === 'visible' && !pages.busy) void settle(pages.load());
  };

  searchField.addEventListener('input', () => {
    clearTimeout(typing);
    typing = window.setTimeout(() => void settle(pages.searchFor(searchField.value.trim())), typingPause);
  });
  moreButton.addEventListener('click', () => {
    moreButton.disabled = true;
    void settle(pages.more());
  });
  document.addEventListener('visibilitychange', refresh);
  const timer = window.setInterval(refresh, refreshEvery);
  void settle(pages.load());

  return {
    element,
    title: 'CoEdit',
    focusContent: () => main.focus(),
    leaveQuestion: () => null,
    destroy: () => {
      clearInterval(timer);
      clearTimeout(typing);
      document.removeEventListener('visibilitychange', refresh);
      pages.stop();
    },
  };
}

function brandMark(): HTMLImageElement {
  return h('img', { class: 'brand-mark', src: './favicon.svg', alt: '', width: 28, height: 28 });
}
