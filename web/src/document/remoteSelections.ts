import { EditorSelection, StateEffect, type Extension } from '@codemirror/state';
import { EditorView, layer, RectangleMarker, ViewPlugin, type LayerMarker, type ViewUpdate } from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { inkOn, readPerson, type Person } from './person';

/** Where another person's selection lies in this editor's text. */
interface RemoteSelection {
  readonly person: Person;
  /** The awareness field it was read from: as long as it is the same object, nobody moved. */
  readonly cursor: unknown;
  /** Null while the text that the selection refers to has not arrived. */
  range: { anchor: number; head: number } | null;
}

const remoteSelectionsChanged = StateEffect.define<null>();

/**
 * Shows the other people's cursors and selections, and tells them ours. The awareness fields are those of
 * y-codemirror.next (`user`, and `cursor` with relative positions), so its users and ours see each other.
 *
 * The stock drawing is not used, for four reasons: it puts a peer's colour unchecked into a style attribute, keeps the
 * old name of somebody who renamed, makes one decoration per selected line, and puts carets and names into the edited
 * DOM. Here they are drawn in layers over and under the text.
 */
export function remoteSelections(text: Y.Text, awareness: Awareness): Extension {
  const plugin = ViewPlugin.define((view) => new RemoteSelections(view, text, awareness));
  const redraw = (update: ViewUpdate): boolean =>
    update.docChanged || update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(remoteSelectionsChanged)));

  return [
    plugin,
    layer({ above: false, class: 'cm-remoteSelections', update: redraw, markers: (view) => view.plugin(plugin)?.selectionMarkers() ?? [] }),
    layer({ above: true, class: 'cm-remoteCarets', update: redraw, markers: (view) => view.plugin(plugin)?.caretMarkers() ?? [] }),
  ];
}

class RemoteSelections {
  /** By client id. Positions are moved along with edits and read from awareness only when their owner moved. */
  private readonly selections = new Map<number, RemoteSelection>();
  private frame = 0;

  constructor(
    private readonly view: EditorView,
    private readonly text: Y.Text,
    private readonly awareness: Awareness,
  ) {
    this.readAll();
    awareness.on('change', this.onAwareness);
  }

  destroy(): void {
    this.awareness.off('change', this.onAwareness);
    cancelAnimationFrame(this.frame);
  }

  update(update: ViewUpdate): void {
    if (update.docChanged) {
      for (const selection of this.selections.values()) {
        if (selection.range === null) {
          selection.range = this.locate(selection.cursor);
        } else {
          // A relative position sticks to what follows it, so text typed exactly there pushes it on.
          selection.range = {
            anchor: update.changes.mapPos(selection.range.anchor, 1),
            head: update.changes.mapPos(selection.range.head, 1),
          };
        }
      }
    }
    if (update.docChanged || update.selectionSet || update.focusChanged) this.publish();
  }

  selectionMarkers(): readonly LayerMarker[] {
    const markers: LayerMarker[] = [];
    for (const { person, range } of this.selections.values()) {
      if (range === null || range.anchor === range.head) continue;
      for (const rectangle of RectangleMarker.forRange(this.view, '', EditorSelection.range(range.anchor, range.head))) {
        markers.push(new SelectionMarker(rectangle, person.color));
      }
    }
    return markers;
  }

  caretMarkers(): readonly LayerMarker[] {
    const markers: LayerMarker[] = [];
    for (const [clientId, { person, range }] of this.selections) {
      if (range === null) continue;
      const [rectangle] = RectangleMarker.forRange(this.view, '', EditorSelection.cursor(range.head));
      if (rectangle !== undefined) markers.push(new CaretMarker(rectangle, clientId, person));
    }
    return markers;
  }

  /** Tells the others where we are. Without the focus the last place stays. */
  private publish(): void {
    if (!this.view.hasFocus || this.awareness.getLocalState() === null) return;
    const { anchor, head } = this.view.state.selection.main;
    const relativeAnchor = Y.createRelativePositionFromTypeIndex(this.text, anchor);
    const relativeHead = head === anchor ? relativeAnchor : Y.createRelativePositionFromTypeIndex(this.text, head);
    const known = this.awareness.getLocalState()?.['cursor'] as { anchor: Y.RelativePosition; head: Y.RelativePosition } | null | undefined;
    if (known && Y.compareRelativePositions(known.anchor, relativeAnchor) && Y.compareRelativePositions(known.head, relativeHead)) return;
    this.awareness.setLocalStateField('cursor', { anchor: relativeAnchor, head: relativeHead });
  }

  private readonly onAwareness = ({ added, updated, removed }: { added: number[]; updated: number[]; removed: number[] }): void => {
    const own = this.awareness.clientID;
    if (![added, updated, removed].some((ids) => ids.some((id) => id !== own))) return;
    // Many people typing make many changes between two frames; one dispatch a frame shows them all.
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.readAll();
      this.view.dispatch({ effects: remoteSelectionsChanged.of(null) });
    });
  };

  private readAll(): void {
    const states = this.awareness.getStates();
    for (const clientId of this.selections.keys()) {
      if (!states.has(clientId)) this.selections.delete(clientId);
    }
    for (const [clientId, state] of states) {
      if (clientId === this.awareness.clientID) continue;
      const person = readPerson(state['user'], clientId);
      const cursor: unknown = state['cursor'];
      const known = this.selections.get(clientId);
      const range = known !== undefined && known.cursor === cursor ? known.range : this.locate(cursor);
      this.selections.set(clientId, { person, cursor, range });
    }
  }

  private locate(cursor: unknown): RemoteSelection['range'] {
    if (typeof cursor !== 'object' || cursor === null) return null;
    const { anchor, head } = cursor as { anchor?: unknown; head?: unknown };
    const anchorIndex = this.index(anchor);
    const headIndex = this.index(head);
    return anchorIndex === null || headIndex === null ? null : { anchor: anchorIndex, head: headIndex };
  }

  private index(position: unknown): number | null {
    if (typeof position !== 'object' || position === null || this.text.doc === null) return null;
    let absolute: Y.AbsolutePosition | null;
    try {
      absolute = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(position), this.text.doc);
    } catch {
      // Awareness is whatever a peer sent: what Yjs cannot read as a position has no place in the text.
      return null;
    }
    if (absolute === null || absolute.type !== this.text) return null;
    return absolute.index >= 0 && absolute.index <= this.view.state.doc.length ? absolute.index : null;
  }
}

/** A rectangle behind selected text. */
class SelectionMarker implements LayerMarker {
  constructor(private readonly rectangle: RectangleMarker, private readonly color: string) {}

  eq(other: LayerMarker): boolean {
    return other instanceof SelectionMarker && other.color === this.color && other.rectangle.eq(this.rectangle);
  }

  draw(): HTMLElement {
    const element = this.rectangle.draw();
    element.className = 'cm-ySelection';
    element.style.backgroundColor = this.color;
    return element;
  }

  update(): boolean {
    return false;
  }
}

/** A caret with the name of its owner. The name shows for a moment after every move, and under the pointer. */
class CaretMarker implements LayerMarker {
  constructor(private readonly rectangle: RectangleMarker, private readonly clientId: number, private readonly person: Person) {}

  eq(other: LayerMarker): boolean {
    return other instanceof CaretMarker && other.clientId === this.clientId && other.rectangle.eq(this.rectangle)
      && other.person.name === this.person.name && other.person.color === this.person.color;
  }

  draw(): HTMLElement {
    const element = document.createElement('div');
    element.className = 'cm-ySelectionCaret';
    element.dataset['testid'] = 'remote-caret';
    element.dataset['name'] = this.person.name;
    element.style.left = `${this.rectangle.left}px`;
    element.style.top = `${this.rectangle.top}px`;
    element.style.height = `${this.rectangle.height}px`;
    element.style.setProperty('--person', this.person.color);
    const label = document.createElement('div');
    label.className = 'cm-ySelectionInfo';
    label.style.color = inkOn(this.person.color);
    label.textContent = this.person.name;
    // At the first line there is no room above the caret.
    if (this.rectangle.top < 24) label.classList.add('cm-below');
    element.append(label);
    return element;
  }

  update(): boolean {
    return false;
  }
}
