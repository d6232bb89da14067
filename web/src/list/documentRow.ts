import type { DocumentSummary } from '../app/api';
import { h, icon } from '../app/dom';
import { count, fileSize, fullTime, timeAgo } from '../app/format';
import { documentHash } from '../app/routes';

/** One document in the list. It is kept and refilled while the list refreshes, so focus and hover survive. */
export class DocumentRow {
  readonly element: HTMLLIElement;
  /** The link that opens the document. */
  readonly link: HTMLAnchorElement;
  private readonly size = h('span', { class: 'row-size' });
  private readonly changed = h('time', { class: 'row-changed' });
  private readonly peers = h('span', { class: 'row-peers' });

  constructor(readonly name: string, onDelete: () => void) {
    this.link = h('a', { class: 'row-link', href: documentHash(name), 'data-testid': 'doc-open' }, h('bdi', {}, name));
    const remove = h('button', {
      class: 'icon-button row-delete', type: 'button', title: 'Delete', 'aria-label': `Delete ${name}`, 'data-testid': 'doc-delete',
    }, icon('trash'));
    remove.addEventListener('click', onDelete);
    this.element = h('li', { class: 'row', 'data-testid': 'doc-row', 'data-name': name },
      h('div', { class: 'row-main' }, this.link, h('div', { class: 'row-facts' }, this.changed, this.size, this.peers)),
      remove);
  }

  update(document: DocumentSummary, now: Date): void {
    const lastChange = new Date(document.lastChange);
    this.size.textContent = fileSize(document.size);
    this.changed.textContent = timeAgo(lastChange, now);
    this.changed.dateTime = document.lastChange;
    // The link covers the row, so what a pointer finds anywhere on the row is the link's title.
    this.link.title = `Last change: ${fullTime(lastChange)}`;
    this.peers.textContent = document.openPeers > 0 ? `${count(document.openPeers, 'person', 'people')} here now` : '';
    this.peers.hidden = document.openPeers === 0;
  }
}
