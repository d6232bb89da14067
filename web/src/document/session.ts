import type { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { token } from '../app/token';
import { followConnection, type ConnectionState } from './connection';

/** The name of the shared text within a document. Other clients that want to write in the same text use it too. */
export const textRoot = 'text';

/** Told about what happens to an open document. */
export interface SessionListener {
  connectionChanged(state: ConnectionState): void;
  /** The server's copy has arrived for the first time; only now is it known what the document holds. */
  contentArrived(): void;
}

/** One document, open and connected. Owns the Yjs document and its provider. */
export class DocumentSession {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText(textRoot);
  readonly provider: WebsocketProvider;
  private readonly readConnection: () => ConnectionState;
  private unsent = false;
  private arrived = false;

  constructor(readonly name: string, private readonly listener: SessionListener) {
    // y-websocket appends the name to the address as it is, so it must be encoded here.
    this.provider = new WebsocketProvider(socketBase(), encodeURIComponent(name), this.doc, { protocols: tokenProtocols() });
    this.readConnection = followConnection(this.provider, (state) => this.connectionChanged(state));
    this.doc.on('update', this.onUpdate);
  }

  get awareness(): Awareness {
    return this.provider.awareness;
  }

  get connection(): ConnectionState {
    return this.readConnection();
  }

  /** True while there are edits of this tab that no server has seen. */
  get hasUnsentEdits(): boolean {
    return this.unsent;
  }

  /** Names of the parts of the document that hold something and are not the text shown here. */
  otherRoots(): string[] {
    // A root that nobody has asked for is kept by Yjs without a type, with its content in these two fields.
    return [...this.doc.share]
      .filter(([root, type]) => root !== textRoot && (type._start !== null || type._map.size > 0))
      .map(([root]) => root);
  }

  destroy(): void {
    this.doc.off('update', this.onUpdate);
    this.provider.destroy();
    this.doc.destroy();
  }

  private connectionChanged(state: ConnectionState): void {
    if (state.kind === 'online') {
      this.unsent = false;
      if (!this.arrived) {
        this.arrived = true;
        this.listener.contentArrived();
      }
    }
    // Leaves the browser's own channel too: tabs with a deleted document must not feed it to a new one of that name.
    if (state.kind === 'closed') this.provider.disconnect();
    this.listener.connectionChanged(state);
  }

  private readonly onUpdate = (_update: Uint8Array, origin: unknown): void => {
    if (origin !== this.provider && !this.provider.wsconnected) this.unsent = true;
  };
}

// A browser cannot set a header on a socket; of these two the server selects the first.
function tokenProtocols(): string[] {
  const shown = token();
  return shown === null ? [] : ['coedit', `bearer.${shown}`];
}

function socketBase(): string {
  const address = new URL('ws', document.baseURI);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.search = '';
  address.hash = '';
  return address.href;
}
