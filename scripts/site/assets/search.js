/**
 * What the search of the site finds. It knows nothing of the page, and works from a disk: a script, no
 * module.
 */

/** Words that say nothing of what is looked for. */
const FILLERS = new Set(
  `a an and are can do does for from how i in is it its me my of on or that the to what when where which
  why will with you`.split(/\s+/),
);
const MOST_RESULTS = 12;

/**
 * Sections that have all words of a query, the best first; where there are none, those that have the
 * most of them.
 * @param sections - title, title of the page, address, text in lower case, weight of the page
 * @returns `sections`: the best, `total`: how many there are, `words`: how many of the words they have
 */
globalThis.findSections = (sections, query) => {
  const words = wordsOf(query);
  const found = sections
    .map((section) => ({ section, ...scoreOf(section, words) }))
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits || b.score - a.score);
  const hits = found[0]?.hits ?? 0;
  const best = found.filter((one) => one.hits === hits);
  return {
    sections: best.slice(0, MOST_RESULTS).map(({ section }) => section),
    total: best.length,
    hits,
    words: words.length,
  };
};

function wordsOf(query) {
  const words = query
    .toLowerCase()
    .split(/[\s,;:?!“”"]+/)
    .filter(Boolean);
  const telling = words.filter((word) => !FILLERS.has(word));
  return telling.length > 0 ? telling : words;
}

/** `tiles` finds `tile`, and `staging` finds `stage`. */
function stemOf(word) {
  return /^[a-z]{5,}$/.test(word) ? word.replace(/(?:ing|ed|es|s|e)$/, '') : word;
}

function scoreOf([title, page, , text, weight], words) {
  const [lowerTitle, lowerPage] = [title.toLowerCase(), page.toLowerCase()];
  let score = 0;
  let hits = 0;
  for (const word of words) {
    const stem = stemOf(word);
    const own =
      (lowerTitle === word ? 20 : 0) +
      (lowerTitle.includes(stem) ? 10 : 0) +
      (lowerPage.includes(stem) ? 3 : 0) +
      Math.min(text.split(stem).length - 1, 5);
    if (own > 0) hits++;
    score += own * weight;
  }
  return { score, hits };
}
