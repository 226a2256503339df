/** Elements, made and found. What is shown goes in as text, never as markup. */

type Child = Node | string;
type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

/**
 * @param attributes - `onclick` and the like are listeners; true is an attribute without value,
 *   false none
 */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/** The element of index.html with this id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element as T;
}

export function button(text: string, onclick: () => void, label?: string): HTMLButtonElement {
  return make(
    'button',
    { type: 'button', onclick, ...(label !== undefined && { 'aria-label': label }) },
    text,
  );
}

/** A text that may be broken after its punctuation, as names of files have it. */
export function breakable(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const [i, part] of text.split(/(?<=[_/.#-])(?=[^_/.#-])/).entries()) {
    if (i > 0) fragment.append(document.createElement('wbr'));
    fragment.append(part);
  }
  return fragment;
}
