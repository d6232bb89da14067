/** What can be put inside an element. `null` and `false` leave a place empty. */
export type Child = Node | string | null | false;

/**
 * Attributes of an element that is being made. `false`, `null` and `undefined` leave an attribute out,
 * `true` writes it without a value.
 */
export type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Makes an HTML element. Text always becomes a text node, so nothing that a person typed is parsed as HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/** Puts children at the end of an element and skips the empty places. */
export function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== null && child !== false) parent.append(child);
  }
}

const outlines = {
  back: ['M15 5l-7 7 7 7'],
  link: ['M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1', 'M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1'],
  trash: ['M5 7h14', 'M10 11v6', 'M14 11v6', 'M7 7l1 12h8l1-12', 'M9.5 7V4.5h5V7'],
  search: ['M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z', 'M20 20l-4-4'],
  page: ['M7 3.5h7l4 4V20.5H7z', 'M14 3.5v4h4', 'M10 12h5', 'M10 15.5h5'],
  warning: ['M12 4.5l8.5 15h-17z', 'M12 10.5v4', 'M12 17v.2'],
  undo: ['M8.5 8H15a4.5 4.5 0 0 1 0 9h-4', 'M11.5 4.5L8 8l3.5 3.5'],
  redo: ['M15.5 8H9a4.5 4.5 0 0 0 0 9h4', 'M12.5 4.5L16 8l-3.5 3.5'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
} as const;

/** The name of a drawing that {@link icon} knows. */
export type IconName = keyof typeof outlines;

/** A small line drawing for a button or a message. It is hidden from assistive technology: the text beside it speaks. */
export function icon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  for (const outline of outlines[name]) {
    const path = document.createElementNS(namespace, 'path');
    path.setAttribute('d', outline);
    svg.append(path);
  }
  return svg;
}
