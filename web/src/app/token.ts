/** Where the token of this tab is kept, so that it survives a reload and goes with the tab. */
const storageKey = 'coedit.token';

let current: string | null = null;

/**
 * Takes a token out of the address: `#token=…`, with the place in the page behind it (`#token=…/doc/notes`). What stands behind the `#` is
 * never sent to a server, and the token does not stay in the address bar or the history.
 *
 * @returns whether there was one
 */
export function adoptToken(): boolean {
  const match = /^#token=([\w.-]+)(\/.*)?$/.exec(location.hash);
  if (match?.[1] !== undefined) {
    history.replaceState(null, '', `#${match[2] ?? '/'}`);
    current = match[1];
    tabStorage()?.setItem(storageKey, current);
    return true;
  }
  current = tabStorage()?.getItem(storageKey) ?? null;
  return false;
}

/** The token that the server is shown, or null where it asks for none. */
export function token(): string | null {
  return current;
}

/** Null when the browser keeps nothing for this page. */
function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
