import { cleanName, inventPerson, isColor, type Person } from './person';

const storageKey = 'coedit.person';

/**
 * Who the person at this browser is. Kept in the browser and shared by its tabs; a browser that forbids storage keeps
 * it as long as the tab lives.
 */
export class Profile {
  private person: Person;

  /** @param onChange called after every change, also one made in another tab. */
  constructor(private readonly onChange: (person: Person) => void) {
    const known = readStored();
    this.person = known ?? inventPerson();
    if (known === null) this.store();
    window.addEventListener('storage', this.onStorage);
  }

  get current(): Person {
    return this.person;
  }

  /** Takes a new name. An empty one leaves the old name in place, so that nobody is nameless. */
  rename(name: string): void {
    const cleaned = cleanName(name);
    if (cleaned !== '') this.change({ ...this.person, name: cleaned });
  }

  recolor(color: string): void {
    if (isColor(color)) this.change({ ...this.person, color });
  }

  destroy(): void {
    window.removeEventListener('storage', this.onStorage);
  }

  private change(person: Person): void {
    this.person = person;
    this.store();
    this.onChange(person);
  }

  private store(): void {
    storage()?.setItem(storageKey, JSON.stringify(this.person));
  }

  private readonly onStorage = (event: StorageEvent): void => {
    const person = event.key === storageKey ? parse(event.newValue) : null;
    if (person === null) return;
    this.person = person;
    this.onChange(person);
  };
}

function readStored(): Person | null {
  return parse(storage()?.getItem(storageKey) ?? null);
}

function parse(text: string | null): Person | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Somebody else wrote under our key: start afresh.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { name, color } = value as { name?: unknown; color?: unknown };
  const cleaned = cleanName(name);
  return cleaned !== '' && isColor(color) ? { name: cleaned, color } : null;
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch (error) {
    // The browser was told to keep nothing for this site.
    if (error instanceof DOMException) return null;
    throw error;
  }
}
