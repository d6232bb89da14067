import { defaultKeymap } from '@codemirror/commands';
import { search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { dropCursor, EditorView, highlightSpecialChars, keymap, placeholder } from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import * as Y from 'yjs';
import { mountStylesAsConstructedSheets } from './constructedStyles';
import { editorTheme } from './editorTheme';
import { remoteSelections } from './remoteSelections';

mountStylesAsConstructedSheets();

/** Stands for an object that another kind of editor put into the text; one character, as in Yjs. */
const objectCharacter = '\uFFFC';

/** What the screen wants to know from the editor. */
export interface EditorListener {
  /** The text changed, by anybody. */
  textChanged(): void;
  /** There is now something, or nothing, to undo or to redo. */
  historyChanged(canUndo: boolean, canRedo: boolean): void;
}

/** A plain-text editor that is bound to a shared text. */
export class TextEditor {
  readonly element: HTMLElement;
  private readonly view: EditorView;
  private readonly undoManager: Y.UndoManager;
  private readonly writable = new Compartment();
  private readonly unwatch: () => void;

  constructor(label: string, text: Y.Text, awareness: Awareness, listener: EditorListener) {
    this.unwatch = nameObjects(text);
    // Only what this editor does is undone: the binding adds itself to the origins, and there is no other.
    this.undoManager = new Y.UndoManager(text, { trackedOrigins: new Set() });
    this.view = new EditorView({
      state: EditorState.create({
        doc: plainText(text),
        extensions: [
          // Yjs counts every character; a carriage return must not disappear as half of a line break.
          EditorState.lineSeparator.of('\n'),
          EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, '\n')),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            'aria-label': label, 'data-testid': 'editor', spellcheck: 'true', autocorrect: 'on', autocapitalize: 'sentences',
          }),
          this.writable.of(EditorState.readOnly.of(false)),
          highlightSpecialChars(),
          dropCursor(),
          placeholder('Write something…'),
          search({ top: true }),
          EditorState.phrases.of({
            next: 'Next', previous: 'Previous', all: 'Select all', replace: 'Replace', 'replace all': 'Replace all',
            'match case': 'Match case', regexp: 'Pattern', 'by word': 'Whole words', close: 'Close',
          }),
          keymap.of([...yUndoManagerKeymap, ...searchKeymap, ...defaultKeymap]),
          // Without awareness the binding draws no cursors; ours come from the next extension.
          yCollab(text, null, { undoManager: this.undoManager }),
          remoteSelections(text, awareness),
          editorTheme,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) listener.textChanged();
          }),
        ],
      }),
    });
    this.element = this.view.dom;

    const tellHistory = (): void => listener.historyChanged(this.undoManager.canUndo(), this.undoManager.canRedo());
    this.undoManager.on('stack-item-added', tellHistory);
    this.undoManager.on('stack-item-popped', tellHistory);
    this.undoManager.on('stack-cleared', tellHistory);
  }

  /** False when the text holds something that has no place in a plain text, so that positions would not agree. */
  static canShow(text: Y.Text): boolean {
    return plainText(text).length === text.length;
  }

  /** The pieces of the text, in order. Together they are all of it. */
  pieces(): Iterable<string> {
    return this.view.state.doc.iter();
  }

  focus(): void {
    this.view.focus();
  }

  undo(): void {
    this.undoManager.undo();
    this.view.focus();
  }

  redo(): void {
    this.undoManager.redo();
    this.view.focus();
  }

  /** Ends editing for good. Reading, selecting, searching and copying go on. */
  freeze(): void {
    this.undoManager.clear();
    this.view.dispatch({ effects: this.writable.reconfigure(EditorState.readOnly.of(true)) });
  }

  destroy(): void {
    this.view.destroy();
    this.unwatch();
    this.undoManager.destroy();
  }
}

/** The text with one character in the place of every embedded object, so that its positions are those of Yjs. */
export function plainText(text: Y.Text): string {
  const delta = text.toDelta() as { insert: unknown }[];
  return delta.map(({ insert }) => (typeof insert === 'string' ? insert : objectCharacter)).join('');
}

/**
 * Does the same for changes that arrive later. The delta of an event is made once and kept, so what is put in here is
 * what the editor binding reads; therefore this must observe the text before the binding does.
 */
function nameObjects(text: Y.Text): () => void {
  const observer = (event: Y.YTextEvent): void => {
    for (const operation of event.delta) {
      if (operation.insert !== undefined && typeof operation.insert !== 'string') operation.insert = objectCharacter;
    }
  };
  text.observe(observer);
  return () => text.unobserve(observer);
}
