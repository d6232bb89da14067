import type { Awareness } from 'y-protocols/awareness';
import { h } from '../app/dom';
import { initials, inkOn, maxPersonName, readPerson, type Person } from './person';
import type { Profile } from './profile';

const avatarsInButton = 3;

/** Who is in the document: the button with the faces, and the panel with the names and one's own settings. */
export class PeoplePanel {
  /** Opens and closes the panel. */
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  private readonly faces = h('span', { class: 'faces', 'aria-hidden': 'true' });
  private readonly buttonText = h('span', { class: 'visually-hidden' });
  private readonly list = h('ul', { class: 'people', 'aria-label': 'People in this document', 'data-testid': 'presence' });
  private readonly nameField: HTMLInputElement;
  private readonly colorField: HTMLInputElement;
  private readonly wide = window.matchMedia('(min-width: 56rem)');
  private frame = 0;

  constructor(private readonly awareness: Awareness, private readonly profile: Profile) {
    this.nameField = h('input', {
      class: 'field', type: 'text', id: 'my-name', maxlength: maxPersonName, autocomplete: 'nickname', spellcheck: 'false', 'data-testid': 'my-name',
    });
    this.colorField = h('input', { class: 'color-field', type: 'color', 'aria-label': 'Your colour', title: 'Your colour', 'data-testid': 'my-color' });
    this.button = h('button', {
      class: 'people-button', type: 'button', 'aria-controls': 'people-panel', 'data-testid': 'presence-toggle',
    }, this.faces, this.buttonText);
    this.element = h('aside', { class: 'people-panel', id: 'people-panel', 'aria-label': 'People' },
      h('div', { class: 'you' },
        h('label', { class: 'field-label', for: 'my-name' }, 'Your name'),
        h('div', { class: 'you-fields' }, this.colorField, this.nameField)),
      h('h2', { class: 'panel-title' }, 'Here now'),
      this.list);

    this.setOpen(this.wide.matches);
    this.button.addEventListener('click', () => this.setOpen(this.button.getAttribute('aria-expanded') === 'false'));
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.wide.matches) return;
      this.setOpen(false);
      this.button.focus();
    });
    this.wide.addEventListener('change', this.onWidth);
    this.nameField.addEventListener('input', () => profile.rename(this.nameField.value));
    this.nameField.addEventListener('change', () => this.showProfile());
    this.nameField.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.nameField.blur();
    });
    this.colorField.addEventListener('input', () => profile.recolor(this.colorField.value));
    awareness.on('change', this.onAwareness);
    this.showProfile();
    this.fill();
  }

  /** Puts the profile into the fields, except into one that is being typed in. */
  showProfile(): void {
    const { name, color } = this.profile.current;
    if (document.activeElement !== this.nameField || this.nameField.value.trim() === '') this.nameField.value = name;
    this.colorField.value = color;
  }

  destroy(): void {
    this.awareness.off('change', this.onAwareness);
    this.wide.removeEventListener('change', this.onWidth);
    cancelAnimationFrame(this.frame);
  }

  private setOpen(open: boolean): void {
    this.element.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
  }

  private readonly onWidth = (): void => this.setOpen(this.wide.matches);

  private readonly onAwareness = (): void => {
    // One redraw a frame, however many people move.
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.fill();
    });
  };

  private fill(): void {
    const own = this.awareness.clientID;
    const people = [...this.awareness.getStates()]
      // A connection without a user field is not a person: a server-side reader, for example.
      .filter(([clientId, state]) => clientId === own || state['user'] !== undefined)
      .map(([clientId, state]) => ({ clientId, ...readPerson(state['user'], clientId) }))
      .sort((a, b) => Number(b.clientId === own) - Number(a.clientId === own) || a.name.localeCompare(b.name) || a.clientId - b.clientId);

    this.list.replaceChildren(...people.map(({ clientId, name, color }) =>
      h('li', { class: 'person', 'data-testid': 'presence-item', 'data-name': name, 'data-self': clientId === own },
        avatar({ name, color }),
        h('span', { class: 'person-name' }, h('bdi', {}, name), clientId === own && h('span', { class: 'person-note' }, ' (you)')))));

    const shown = people.slice(0, avatarsInButton).map((person) => avatar(person));
    const hidden = people.length - shown.length;
    this.faces.replaceChildren(...shown, ...(hidden > 0 ? [h('span', { class: 'avatar avatar-more' }, `+${hidden}`)] : []));
    this.buttonText.textContent = people.length > 1 ? `People: ${people.length} here` : 'People: only you are here';
    this.button.title = this.buttonText.textContent;
  }
}

function avatar({ name, color }: Person): HTMLElement {
  const element = h('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name));
  element.style.backgroundColor = color;
  element.style.color = inkOn(color);
  return element;
}
