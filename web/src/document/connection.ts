import type { WebsocketProvider } from 'y-websocket';

/** How the document is connected to the server. */
export type ConnectionState =
  /** The first connection is being made. */
  | { readonly kind: 'connecting' }
  /** Connected; the two copies are being compared. */
  | { readonly kind: 'synchronising' }
  /** Connected, and this tab has what the server has. */
  | { readonly kind: 'online' }
  /** Not connected; the provider keeps trying. */
  | { readonly kind: 'offline' }
  /** The server ended it for good and said why. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

/** What a person is told about a state. */
export interface ConnectionWords {
  /** One or two words for the header. */
  readonly label: string;
  /** A sentence for those who want to know more. */
  readonly explanation: string;
}

/**
 * Puts a state into words.
 *
 * @param hasText whether the page shows the text already
 */
export function describe(state: ConnectionState, hasText: boolean): ConnectionWords {
  switch (state.kind) {
    case 'connecting':
      return { label: 'Connecting…', explanation: 'Waiting for the server to answer.' };
    case 'synchronising':
      return { label: 'Synchronising…', explanation: 'Comparing this copy with the one on the server.' };
    case 'online':
      return { label: 'Online', explanation: 'Everybody sees changes as they are made.' };
    case 'offline':
      return {
        label: 'Offline – retrying',
        explanation: hasText
          ? 'There is no connection to the server. Keep this tab open: what you write is sent when the connection is back.'
          : 'The server cannot be reached. The text appears as soon as it answers.',
      };
    case 'closed':
      return { label: 'Closed', explanation: closeWords(state.code, state.reason, hasText).title };
  }
}

/** What the page says when the server closed a document for good. */
export interface CloseWords {
  readonly title: string;
  readonly advice: string;
}

/**
 * Puts a permanent close (code 4400–4499) into words; `docs/protocol.md` lists the codes. The server's own reason is
 * quoted where it can say more than the code does.
 *
 * @param hasText whether the page still shows the text, so that it can be taken along
 */
export function closeWords(code: number, reason: string, hasText: boolean): CloseWords {
  const quoted = reason === '' ? '' : ` The server says: “${reason}”`;
  const rescue = hasText ? 'Copy what you still need, then reload the page.' : 'Reload the page.';
  switch (code) {
    case 4400:
      return { title: 'The server does not accept this address', advice: `Check the name of the document.${quoted}` };
    case 4401:
      return { title: 'You are not signed in', advice: `Sign in again and reload the page.${quoted}` };
    case 4403:
      return { title: 'You may not open this document', advice: `Ask the person who gave you the link for access.${quoted}` };
    case 4404:
      return { title: 'This document was deleted', advice: hasText ? 'What you see is the last text that this tab had. You can take it along.' : 'Nothing of it is left to show.' };
    case 4409:
      return { title: 'This copy does not fit the stored document', advice: `${rescue}${quoted}` };
    case 4413:
      return { title: 'A limit of the server was reached', advice: `The last change was not accepted. ${rescue}${quoted}` };
    default:
      return { title: 'The server closed this document', advice: `${rescue}${quoted}` };
  }
}

/**
 * Follows a provider and tells each new state. The provider's own events repeat "connecting" and "disconnected" with
 * every try; a person is told once that the connection is gone and once that it is back.
 */
export function followConnection(provider: WebsocketProvider, onChange: (state: ConnectionState) => void): () => ConnectionState {
  let state: ConnectionState = { kind: 'connecting' };
  const become = (next: ConnectionState): void => {
    if (state.kind === 'closed' || state.kind === next.kind) return;
    state = next;
    onChange(state);
  };
  provider.on('status', ({ status }) => {
    if (status === 'connected') become({ kind: 'synchronising' });
  });
  provider.on('sync', (synced) => {
    if (synced) become({ kind: 'online' });
  });
  provider.on('connection-close', () => become({ kind: 'offline' }));
  provider.on('closed', ({ code, reason }) => become({ kind: 'closed', code, reason }));
  return () => state;
}
