/** The part of a y-websocket provider that is needed here. */
export interface AcknowledgedProvider {
  doc: { on(event: 'update', listener: (update: Uint8Array, origin: unknown) => void): void, off(event: 'update', listener: (update: Uint8Array, origin: unknown) => void): void }
  ws: unknown
  messageHandlers: unknown[]
  on(event: 'status', listener: (event: { status: string }) => void): void
  off(event: 'status', listener: (event: { status: string }) => void): void
}

/** The options a provider has to be made with, so that the server acknowledges. */
export function withAcknowledgements<Options extends { params?: Record<string, string> }> (options?: Options): Options & { params: Record<string, string> }

/**
 * Follows a provider and tells how many of the edits made here are not yet on the server's disk. Make it before the provider connects
 * (`connect: false`), and make edits only afterwards.
 */
export class Durability {
  constructor (provider: AcknowledgedProvider)
  /** Edits made here that are not known to be on the server's disk. 0: everything is saved. */
  readonly unsaved: number
  /** Which life of the document the server speaks of; null before it was heard of. */
  readonly epoch: string | null
  /** Why the server did not keep an edit; null while it keeps them all. */
  readonly refused: string | null
  /** Calls back after every change of what can be read here. Returns a function that ends it. */
  onChange (listener: () => void): () => void
  destroy (): void
}
