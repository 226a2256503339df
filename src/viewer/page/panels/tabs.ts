/** The tabs beside the map: arrow keys move between them, as the WAI-ARIA practices have it. */

import { byId } from '../dom.ts';
import { TABS, type Tab } from '../state.ts';

export class Tabs {
  readonly #onChange: (tab: Tab) => void;
  #tab: Tab = TABS[0];

  constructor(onChange: (tab: Tab) => void) {
    this.#onChange = onChange;
    for (const [i, tab] of TABS.entries()) {
      const element = byId(`tab-${tab}`);
      element.addEventListener('click', () => this.#choose(tab));
      element.addEventListener('keydown', (event) => {
        const moves: Record<string, number> = {
          ArrowRight: i + 1,
          ArrowLeft: i - 1,
          Home: 0,
          End: TABS.length - 1,
        };
        const to = moves[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = TABS[(to + TABS.length) % TABS.length]!;
        this.#choose(next);
        byId(`tab-${next}`).focus();
      });
    }
    this.show(this.#tab);
  }

  get current(): Tab {
    return this.#tab;
  }

  show(tab: Tab): void {
    this.#tab = tab;
    for (const name of TABS) {
      const isShown = name === tab;
      const element = byId(`tab-${name}`);
      element.setAttribute('aria-selected', String(isShown));
      element.tabIndex = isShown ? 0 : -1;
      byId(`panel-${name}`).hidden = !isShown;
    }
    document.body.dataset['tab'] = tab;
  }

  #choose(tab: Tab): void {
    this.show(tab);
    this.#onChange(tab);
  }
}
