/** Where in the page the address bar points. */
export type Route =
  | { readonly kind: 'list' }
  | { readonly kind: 'document'; readonly name: string }
  | { readonly kind: 'unknown'; readonly address: string };

/** Reads the part of the address after the `#`. */
export function parseRoute(hash: string): Route {
  const address = hash.replace(/^#/, '');
  if (address === '' || address === '/') return { kind: 'list' };
  if (address.startsWith('/doc/')) {
    const name = decode(address.slice('/doc/'.length));
    if (name !== null && name !== '') return { kind: 'document', name };
  }
  return { kind: 'unknown', address };
}

/** The address of a document within the page. */
export function documentHash(name: string): string {
  return `#/doc/${encodeURIComponent(name)}`;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A truncated or hand-made address is not a fault of the program: the caller shows it as unknown.
    if (error instanceof URIError) return null;
    throw error;
  }
}
