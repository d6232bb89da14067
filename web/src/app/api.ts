import { token } from './token';

/** A row of the document list, as the server tells it. */
export interface DocumentSummary {
  readonly name: string;
  /** Bytes of the stored state. */
  readonly size: number;
  /** ISO 8601. */
  readonly lastChange: string;
  /** ISO 8601. */
  readonly created: string;
  /** How many connections have the document open now. */
  readonly openPeers: number;
}

/** One page of the document list. `next` continues it, and is null on the last page. */
export interface DocumentPage {
  readonly documents: readonly DocumentSummary[];
  readonly next: string | null;
}

/** A request that did not succeed. The message is a sentence that can be shown to a person. */
export class ApiError extends Error {
  /** The HTTP status, or 0 when no answer came at all. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** How many documents one request asks for. */
export const pageSize = 50;

/** Reads one page of the document list. An abort rejects with the DOM's `AbortError`. */
export async function listDocuments(search: string, after: string | null, signal: AbortSignal): Promise<DocumentPage> {
  const address = apiUrl('documents');
  if (search !== '') address.searchParams.set('search', search);
  if (after !== null) address.searchParams.set('after', after);
  address.searchParams.set('limit', String(pageSize));
  const response = await request(address, { signal, headers: { accept: 'application/json' } });
  const page: unknown = await readJson(response);
  if (!isPage(page)) throw new ApiError('The server answered with something that is not a document list.', response.status);
  return page;
}

/** Deletes a document for everybody. */
export async function deleteDocument(name: string): Promise<void> {
  await request(apiUrl(`documents/${encodeURIComponent(name)}`), { method: 'DELETE' });
}

function apiUrl(path: string): URL {
  return new URL(`api/v1/${path}`, document.baseURI);
}

async function request(address: URL, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    const headers = new Headers(init.headers);
    const shown = token();
    if (shown !== null) headers.set('authorization', `Bearer ${shown}`);
    response = await fetch(address, { cache: 'no-store', ...init, headers });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError('The server cannot be reached.', 0, { cause: error });
  }
  if (!response.ok) throw new ApiError(await problemText(response), response.status);
  return response;
}

/** True for the rejection of a request that the page itself gave up. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function problemText(response: Response): Promise<string> {
  const type = response.headers.get('content-type') ?? '';
  if (/[/+]json/.test(type)) {
    const problem: unknown = await readJson(response);
    if (isRecord(problem)) {
      if (typeof problem['detail'] === 'string') return problem['detail'];
      if (typeof problem['title'] === 'string') return problem['title'];
    }
  }
  return `The server answered with status ${response.status}.`;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError('The answer of the server could not be read.', response.status, { cause: error });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPage(value: unknown): value is DocumentPage {
  return isRecord(value)
    && (typeof value['next'] === 'string' || value['next'] === null || value['next'] === undefined)
    && Array.isArray(value['documents'])
    && value['documents'].every((row: unknown) => isRecord(row) && typeof row['name'] === 'string');
}
