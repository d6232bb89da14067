const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const wholeNumber = new Intl.NumberFormat('en');

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400], ['month', 30 * 86_400], ['week', 7 * 86_400], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

/** A point in time as people say it: "just now", "5 minutes ago", "yesterday". */
export function timeAgo(then: Date, now: Date): string {
  const seconds = (then.getTime() - now.getTime()) / 1000;
  // A clock that is a little ahead of ours must not speak of the future.
  if (!Number.isFinite(seconds) || Math.abs(seconds) < 45) return 'just now';
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length * 0.95) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(Math.sign(seconds), 'minute');
}

/** A point in time to the second, in the reader's own notation. */
export function fullTime(then: Date): string {
  return Number.isNaN(then.getTime()) ? '' : absolute.format(then);
}

/** A size in bytes for people: "812 bytes", "3.4 kB", "12 MB". */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB'] as const;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : wholeNumber.format(Math.round(value))} ${units[unit]}`;
}

/** A count with its noun: "1 word", "12,345 words". */
export function count(value: number, one: string, many: string): string {
  return `${wholeNumber.format(value)} ${value === 1 ? one : many}`;
}
