import '../styles/document.css';
import { announce } from '../app/announce';
import { copyText, downloadText } from '../app/clipboard';
import { h, icon, type Child, type IconName } from '../app/dom';
import { count } from '../app/format';
import { emptyState } from '../app/notice';
import type { View } from '../app/view';
import { closeWords, describe, type ConnectionState } from './connection';
import { TextEditor } from './editor';
import { PeoplePanel } from './peoplePanel';
import { Profile } from './profile';
import { DocumentSession } from './session';
import { measureText } from './textStatistics';

declare global {
  interface Window {
    /** For testers, only while a document is open: its Yjs document and its provider. */
    coedit?: Pick<DocumentSession, 'doc' | 'provider'>;
  }
}

const statisticsPause = 250;

/** A document, open for writing. */
export function documentView(name: string): View {
  let editor: TextEditor | null = null;
  let wantsFocus = false;
  let statisticsTimer = 0;

  // 1. What the screen is made of.
  const connectionLabel = h('span', { class: 'connection-label' });
  const connection = h('div', { class: 'connection', role: 'status', 'data-testid': 'conn-state' }, h('span', { class: 'connection-dot' }), connectionLabel);
  const undo = iconButton('undo', 'Undo', 'undo', () => editor?.undo());
  const redo = iconButton('redo', 'Redo', 'redo', () => editor?.redo());
  const copyLink = iconButton('link', 'Copy link', 'copy-link', () => void copy(location.href, 'The link was copied.'));
  const notices = h('div', { class: 'notices' });
  const statistics = h('p', { class: 'statistics', 'data-testid': 'statistics' });
  const host = h('main', { id: 'main', class: 'editor-host', tabindex: -1 }, loading());
  undo.disabled = redo.disabled = true;

  // 2. The document behind it.
  const session = new DocumentSession(name, { connectionChanged: showConnection, contentArrived: showEditor });
  const profile = new Profile((person) => {
    session.awareness.setLocalStateField('user', shared(person));
    people.showProfile();
  });
  session.awareness.setLocalStateField('user', shared(profile.current));
  const people = new PeoplePanel(session.awareness, profile);
  window.coedit = { doc: session.doc, provider: session.provider };

  const element = h('div', { class: 'document-screen' },
    h('header', { class: 'document-header' },
      h('a', { class: 'icon-button', href: '#/', title: 'All documents', 'aria-label': 'All documents', 'data-testid': 'back' }, icon('back')),
      h('h1', { class: 'document-name', title: name }, h('bdi', {}, name)),
      connection,
      h('div', { class: 'tools' }, undo, redo, copyLink, people.button)),
    notices,
    h('div', { class: 'document-body' }, host, people.element),
    h('footer', { class: 'document-footer' }, statistics));

  showConnection(session.connection);
  window.addEventListener('beforeunload', warnAboutUnsentEdits);

  // 3. What happens to it.
  function showConnection(state: ConnectionState): void {
    const words = describe(state, editor !== null);
    connection.dataset['state'] = state.kind;
    connection.title = words.explanation;
    connectionLabel.textContent = words.label;
    notices.querySelector('[data-notice=offline]')?.remove();
    if (state.kind === 'offline') notices.append(notice('offline', 'warn', words.explanation));
    if (state.kind === 'closed') showClosed(state.code, state.reason);
  }

  function showEditor(): void {
    if (!TextEditor.canShow(session.text)) {
      host.replaceChildren(emptyState('warning', 'This document is not a plain text', 'Another program keeps content in it that a text editor cannot show. Open it there.'));
      return;
    }
    editor = new TextEditor(`Text of ${name}`, session.text, session.awareness, {
      textChanged: () => {
        clearTimeout(statisticsTimer);
        statisticsTimer = window.setTimeout(showStatistics, statisticsPause);
      },
      historyChanged: (canUndo, canRedo) => {
        undo.disabled = !canUndo;
        redo.disabled = !canRedo;
      },
    });
    host.replaceChildren(editor.element);
    showStatistics();
    if (wantsFocus || document.activeElement === document.body) editor.focus();
    if (session.otherRoots().length > 0) {
      notices.append(notice('other-content', 'info', 'This document also has content of another editor. This page shows its plain text only.'));
    }
  }

  function showStatistics(): void {
    if (editor === null) return;
    const { words, characters } = measureText(editor.pieces());
    statistics.textContent = `${count(words, 'word', 'words')} · ${count(characters, 'character', 'characters')}`;
  }

  /** The server ended it: the text stays readable and can be taken along, if there is any. */
  function showClosed(code: number, reason: string): void {
    const { title, advice } = closeWords(code, reason, editor !== null);
    const back = h('a', { class: 'button', href: '#/' }, 'All documents');
    if (editor === null) {
      host.replaceChildren(emptyState('warning', title, advice, back));
      return;
    }
    editor.freeze();
    const text = (): string => session.text.toString();
    notices.replaceChildren(notice('closed', 'warn',
      h('span', { class: 'notice-text' }, h('strong', {}, `${title}. `), advice),
      h('span', { class: 'notice-actions' },
        button('Copy text', 'copy-text', () => void copy(text(), 'The text was copied.')),
        button('Download', 'download-text', () => downloadText(fileName(name), text())),
        back)));
  }

  function warnAboutUnsentEdits(event: BeforeUnloadEvent): void {
    if (session.hasUnsentEdits) event.preventDefault();
  }

  return {
    element,
    title: `${name} – CoEdit`,
    focusContent: () => {
      wantsFocus = true;
      (editor ?? host).focus();
    },
    leaveQuestion: () => session.hasUnsentEdits
      ? { title: 'Leave with unsent changes?', text: 'There is no connection to the server, and what you wrote last is only in this tab.', action: 'Leave' }
      : null,
    destroy: () => {
      window.removeEventListener('beforeunload', warnAboutUnsentEdits);
      clearTimeout(statisticsTimer);
      // The next document may be shown already.
      if (window.coedit?.doc === session.doc) delete window.coedit;
      people.destroy();
      profile.destroy();
      editor?.destroy();
      session.destroy();
    },
  };
}

/** The `user` field that y-codemirror.next and other bindings read. */
function shared({ name, color }: { name: string; color: string }): { name: string; color: string; colorLight: string } {
  return { name, color, colorLight: `${color}33` };
}

function loading(): HTMLElement {
  return h('div', { class: 'editor-loading' },
    h('span', { class: 'visually-hidden' }, 'Loading the text'),
    h('span', { class: 'bone' }), h('span', { class: 'bone' }), h('span', { class: 'bone' }));
}

async function copy(text: string, done: string): Promise<void> {
  announce(await copyText(text) ? done : 'The browser does not allow copying here.');
}

function fileName(name: string): string {
  return `${name.replace(/[\\/:*?"<>|]/g, '-')}.txt`;
}

function iconButton(drawing: IconName, label: string, testId: string, act: () => void): HTMLButtonElement {
  const element = h('button', { class: 'icon-button', type: 'button', title: label, 'aria-label': label, 'data-testid': testId }, icon(drawing));
  element.addEventListener('click', act);
  return element;
}

function button(label: string, testId: string, act: () => void): HTMLButtonElement {
  const element = h('button', { class: 'button', type: 'button', 'data-testid': testId }, label);
  element.addEventListener('click', act);
  return element;
}

function notice(kind: string, tone: 'warn' | 'info', ...content: Child[]): HTMLElement {
  return h('div', { class: `notice notice-${tone}`, role: 'status', 'data-notice': kind, 'data-testid': 'notice' }, h('p', {}, ...content));
}
