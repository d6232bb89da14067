import { pick } from '../app/names';

/** How a person appears to the others: in the list of people and at their cursor. */
export interface Person {
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

/** The longest name that is shown, in characters. */
export const maxPersonName = 40;

/** Colours that stand out on a light and on a dark page. */
export const palette = [
  '#c2334d', '#c2570c', '#a16207', '#4d7c0f', '#15803d', '#0f766e', '#0e7490', '#2563eb', '#6d28d9', '#a21caf', '#be185d',
] as const;

const moods = ['Brave', 'Calm', 'Clever', 'Curious', 'Eager', 'Gentle', 'Happy', 'Kind', 'Lively', 'Patient', 'Quiet', 'Wise'] as const;
const animals = ['Badger', 'Crane', 'Dolphin', 'Falcon', 'Fox', 'Hare', 'Heron', 'Lynx', 'Marten', 'Otter', 'Owl', 'Wren'] as const;

/** Somebody for a browser that has not said who it is. */
export function inventPerson(): Person {
  return { name: `${pick(moods)} ${pick(animals)}`, color: pick(palette) };
}

/** True for a colour that may be put into a style: exactly `#rrggbb`. */
export function isColor(value: unknown): value is string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);
}

/**
 * Reads the `user` field of an awareness state. States come from other peers and can hold anything, so only a short
 * text and a plain colour are taken from them; what is missing is filled in.
 */
export function readPerson(user: unknown, clientId: number): Person {
  const fields: { name?: unknown; color?: unknown } = typeof user === 'object' && user !== null ? user : {};
  return {
    name: cleanName(fields.name) || 'Anonymous',
    color: isColor(fields.color) ? fields.color : palette[clientId % palette.length] ?? palette[0],
  };
}

/** A name on one line and of bearable length; empty for anything that is not text. */
export function cleanName(name: unknown): string {
  if (typeof name !== 'string') return '';
  const line = name.slice(0, 4 * maxPersonName).replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return [...line].slice(0, maxPersonName).join('').trim();
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = name.split(' ').filter((word) => word !== '');
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? '?')][0]?.toLocaleUpperCase() ?? '').join('');
}

/** Black or white, whichever is easier to read on a colour. */
export function inkOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(color.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  // The point where the WCAG contrast to black and to white is the same.
  return luminance > 0.179 ? '#000000' : '#ffffff';
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
