import { h } from './dom';

/** What a confirmation asks. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** The word on the button that does it. */
  readonly action: string;
}

/**
 * Asks before something that cannot be taken back. Resolves to true when the person agreed.
 * A modal `<dialog>` keeps the keyboard inside, closes on Escape and returns the focus where it was.
 */
export function confirm(question: Question): Promise<boolean> {
  const cancel = h('button', { class: 'button', type: 'submit', value: 'cancel', autofocus: true, 'data-testid': 'confirm-cancel' }, 'Cancel');
  const agree = h('button', { class: 'button button-danger', type: 'submit', value: 'agree', 'data-testid': 'confirm-agree' }, question.action);
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text', 'data-testid': 'confirm' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'confirm-title' }, question.title),
      h('p', { id: 'confirm-text' }, question.text),
      h('div', { class: 'dialog-actions' }, cancel, agree)));

  return new Promise((resolve) => {
    dialog.addEventListener('click', (event) => {
      // A click on the dialog element itself, not on its content, is a click on the backdrop.
      if (event.target === dialog) dialog.close('cancel');
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'agree');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
