/** The longest document name that the server accepts, in bytes of UTF-8. */
export const maxNameBytes = 256;

/**
 * Says in a sentence why a name cannot be the name of a document, or returns null for a good one.
 * These are the server's rules, told before the request instead of after it.
 */
export function nameProblem(name: string): string | null {
  if (name === '') return 'Give the document a name.';
  if (!name.isWellFormed()) return 'This name contains half a character. Type it again.';
  if (/\p{Cc}/u.test(name)) return 'A name cannot contain control characters or line breaks.';
  if (new TextEncoder().encode(name).length > maxNameBytes) return 'This name is too long.';
  if (name.startsWith('/') || name.endsWith('/')) return 'A name cannot start or end with a slash.';
  if (name.split('/').some((segment) => segment === '.' || segment === '..')) {
    return 'No part of a name can be “.” or “..”.';
  }
  return null;
}

const qualities = [
  'amber', 'bright', 'calm', 'clear', 'early', 'gentle', 'golden', 'green', 'kind', 'little', 'lunar', 'merry',
  'misty', 'patient', 'plain', 'quiet', 'silver', 'slow', 'soft', 'sunny', 'warm', 'wide', 'winding', 'young',
] as const;

const things = [
  'bay', 'birch', 'bridge', 'brook', 'cloud', 'cove', 'dune', 'field', 'forest', 'garden', 'harbour', 'hill',
  'island', 'lake', 'lantern', 'meadow', 'moss', 'orchard', 'path', 'pine', 'river', 'shore', 'valley', 'window',
] as const;

/** A friendly name for a new document, such as "quiet-river-42". */
export function suggestName(): string {
  return `${pick(qualities)}-${pick(things)}-${10 + Math.floor(Math.random() * 90)}`;
}

/** One element of a list that is not empty, by chance. */
export function pick<T>(list: readonly [T, ...T[]]): T {
  return list[Math.floor(Math.random() * list.length)] ?? list[0];
}
