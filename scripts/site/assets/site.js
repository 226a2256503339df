/** The search and the choice of colours. Without it the pages are all there. */

const root = document.body.dataset.root;
const form = document.querySelector('.search');
const input = document.querySelector('#site-search');
const list = document.querySelector('#site-search-results');
const status = document.querySelector('#site-search-status');

setUpTheme();
setUpSearch();
// On a narrow screen the list of pages would push the page itself out of sight.
if (matchMedia('(max-width: 48rem)').matches) {
  document.querySelector('nav.pages details').open = false;
}

function setUpTheme() {
  const button = document.querySelector('#site-theme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let theme = remembered();
  const show = () => {
    if (theme !== null) document.documentElement.dataset.theme = theme;
    const isDark = theme === null ? dark.matches : theme === 'dark';
    button.textContent = isDark ? 'Light' : 'Dark';
    button.setAttribute('aria-label', isDark ? 'Use light colours' : 'Use dark colours');
    return isDark;
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    theme = show() ? 'light' : 'dark';
    show();
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // Not allowed for files from a disk: then the choice holds for this page.
    }
  });
  dark.addEventListener('change', show);
  show();
}

function remembered() {
  try {
    return localStorage.getItem('theme');
  } catch {
    return null;
  }
}

function setUpSearch() {
  form.hidden = false;
  let loading;
  const load = () => {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = `${root}assets/search-index.js`;
      script.addEventListener('load', resolve);
      script.addEventListener('error', reject);
      document.head.append(script);
    });
    return loading;
  };
  const search = async () => {
    const query = input.value.trim();
    try {
      await load();
    } catch {
      status.textContent = 'The search can’t be loaded: assets/search-index.js is not there.';
      return;
    }
    // Something else may have been typed meanwhile.
    if (query === input.value.trim()) show(query);
  };
  input.addEventListener('focus', search);
  input.addEventListener('input', search);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (list.dataset.found === 'true') list.querySelector('a')?.click();
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = /^(input|textarea|select)$/i.test(document.activeElement.tagName);
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      input.focus();
    } else if (event.key === 'Escape' && form.contains(document.activeElement)) {
      input.value = '';
      close();
      input.focus();
    } else if (/^Arrow(Up|Down)$/.test(event.key) && form.contains(document.activeElement)) {
      const stops = [input, ...list.querySelectorAll('a')];
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const next = stops[stops.indexOf(document.activeElement) + step];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    }
  });
  document.addEventListener('click', (event) => {
    if (!form.contains(event.target)) close();
  });
}

function close() {
  status.textContent = '';
  list.replaceChildren();
  list.hidden = true;
}

/** What is found, or that nothing is and where to go on; the status is read out. */
function show(query) {
  if (query === '') return close();
  const { sections, total, hits, words } = globalThis.findSections(
    globalThis.searchSections,
    query,
  );
  const isFound = sections.length > 0;
  if (!isFound) {
    status.textContent = `No results for “${query}” on any page. Try another word, or go on from here:`;
  } else if (hits < words) {
    status.textContent = `No section has all of “${query}”. These have ${hits} of its ${words} words:`;
  } else {
    const all = total === 1 ? '1 result' : `${total} results`;
    status.textContent = total > sections.length ? `The best ${sections.length} of ${all}` : all;
  }
  const rows = isFound ? sections : globalThis.searchFallback;
  list.replaceChildren(...rows.map(([title, page, url]) => itemOf(title, page, url)));
  list.dataset.found = isFound;
  list.hidden = false;
}

function itemOf(title, page, url) {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = root + url;
  link.textContent = title;
  const where = document.createElement('small');
  where.textContent = page;
  link.append(where);
  item.append(link);
  return item;
}
