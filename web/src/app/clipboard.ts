import { h } from './dom';

/**
 * Copies text. The clipboard API exists only on https and localhost; elsewhere the older command is used.
 * Returns false when the browser allows neither.
 */
export async function copyText(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      // A refused permission is answered by the older way below, which needs none.
      if (!(error instanceof DOMException)) throw error;
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = h('textarea', { class: 'visually-hidden', tabindex: -1, 'aria-hidden': 'true' });
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** Hands text to the browser as a file to save. */
export function downloadText(fileName: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  h('a', { href: address, download: fileName }).click();
  // The download starts after this task; the address must live that long.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
