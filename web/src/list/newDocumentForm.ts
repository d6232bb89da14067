import { h } from '../app/dom';
import { nameProblem, suggestName } from '../app/names';
import { documentHash } from '../app/routes';

/**
 * The form that starts a document. A document begins to exist when it is opened for the first time, so the form
 * only checks the name and goes there. Left empty, it takes the suggested name.
 */
export function newDocumentForm(): HTMLFormElement {
  const suggestion = suggestName();
  const problem = h('p', { class: 'field-problem', id: 'new-name-problem', role: 'alert', hidden: true });
  const input = h('input', {
    class: 'field', id: 'new-name', name: 'name', type: 'text', placeholder: suggestion, autocomplete: 'off',
    autocapitalize: 'off', spellcheck: 'false', 'aria-describedby': 'new-name-problem', 'data-testid': 'new-name',
  });
  const form = h('form', { class: 'new-document', novalidate: true },
    h('label', { class: 'field-label', for: 'new-name' }, 'New document'),
    h('div', { class: 'field-row' },
      input,
      h('button', { class: 'button button-primary', type: 'submit', 'data-testid': 'new-create' }, 'Create')),
    problem);

  const tell = (sentence: string | null): void => {
    problem.textContent = sentence ?? '';
    problem.hidden = sentence === null;
    input.setAttribute('aria-invalid', String(sentence !== null));
  };

  input.addEventListener('input', () => tell(null));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = input.value.trim() || suggestion;
    const sentence = nameProblem(name);
    tell(sentence);
    if (sentence === null) location.hash = documentHash(name);
    else input.focus();
  });
  return form;
}
