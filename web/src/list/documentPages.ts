import { isAbort, listDocuments, type DocumentSummary } from '../app/api';

/** What the list shows at a moment. */
export interface Listing {
  readonly documents: readonly DocumentSummary[];
  /** True when the server has more than is shown. */
  readonly hasMore: boolean;
}

/**
 * The pages of the list that a person has asked for. Owned by the list view; one request chain at a time, and a
 * newer one gives up the older one.
 */
export class DocumentPages {
  private pageCount = 1;
  private search = '';
  private running: AbortController | null = null;

  get searchText(): string {
    return this.search;
  }

  /** True while a request is under way. */
  get busy(): boolean {
    return this.running !== null;
  }

  /** Starts again at the first page with another search text. */
  searchFor(text: string): Promise<Listing> {
    this.search = text;
    this.pageCount = 1;
    return this.load();
  }

  /** Adds a page to what is shown. It counts only when it arrived. */
  async more(): Promise<Listing> {
    this.pageCount++;
    try {
      return await this.load();
    } catch (error) {
      // A newer request that took over reads the new page too.
      if (!isAbort(error)) this.pageCount--;
      throw error;
    }
  }

  /**
   * Reads all shown pages again, so that one call gives one consistent picture. Rejects with `ApiError`, or with the
   * DOM's `AbortError` when a newer call or {@link stop} took over.
   */
  async load(): Promise<Listing> {
    this.stop();
    const control = new AbortController();
    this.running = control;
    try {
      return await this.read(control.signal);
    } finally {
      if (this.running === control) this.running = null;
    }
  }

  private async read(signal: AbortSignal): Promise<Listing> {
    const byName = new Map<string, DocumentSummary>();
    let after: string | null = null;
    for (let page = 0; page < this.pageCount; page++) {
      const answer = await listDocuments(this.search, after, signal);
      // A document that moved between two pages while they were read is shown once.
      for (const document of answer.documents) byName.set(document.name, document);
      after = answer.next ?? null;
      if (after === null) break;
    }
    return { documents: [...byName.values()], hasMore: after !== null };
  }

  /** Gives up the running request, if any. */
  stop(): void {
    this.running?.abort();
  }
}
