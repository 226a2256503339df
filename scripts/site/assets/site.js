/** The search and the choice of colours. Without it the pages are all there. */

const root = document.body.dataset.root;
const form = document.querySelector('.search');
const input = document.querySelector('#site-search');
const list = document.querySelector('#site-search-results');
const status = document.querySelector('#site-search-status');
const MOST_RESULTS = 12;

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
  input.addEventListener('focus', load);
  input.addEventListener('input', async () => {
    await load();
    show(find(input.value));
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    list.querySelector('a')?.click();
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = /^(input|textarea|select)$/i.test(document.activeElement.tagName);
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      input.focus();
    } else if (event.key === 'Escape' && form.contains(document.activeElement)) {
      input.value = '';
      show([]);
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
    if (!form.contains(event.target)) list.hidden = true;
  });
}

/** Sections that have all the words; those that have them in their titles come first. */
function find(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return globalThis.searchSections
    .map((section) => ({ section, score: scoreOf(section, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_RESULTS)
    .map(({ section }) => section);
}

function scoreOf([title, page, , text], words) {
  const lower = title.toLowerCase();
  let score = 0;
  for (const word of words) {
    const own =
      (lower === word ? 20 : 0) +
      (lower.includes(word) ? 10 : 0) +
      (page.toLowerCase().includes(word) ? 3 : 0) +
      Math.min(text.split(word).length - 1, 5);
    if (own === 0) return 0;
    score += own;
  }
  return score;
}

function show(sections) {
  list.replaceChildren(
    ...sections.map(([title, page, url]) => {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = root + url;
      link.textContent = title;
      const where = document.createElement('small');
      where.textContent = page;
      link.append(where);
      item.append(link);
      return item;
    }),
  );
  list.hidden = sections.length === 0;
  const isEmpty = input.value.trim() === '';
  status.textContent = isEmpty ? '' : `${sections.length || 'No'} results`;
}
