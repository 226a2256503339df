/** What all pages about runs have around them: one file that needs nothing else. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pageFiles } from '../../../core/files/page-files.ts';
import { markupText } from '../../../core/printable.ts';
import { packageVersion } from '../../../core/version.ts';
import type { PageData } from '../charts/page-data.ts';
import { scriptJson } from './markup.ts';

/** The sources of what runs in it, or one script of them. */
const BROWSER = join(import.meta.dirname, '../browser');
const BUTTONS = [
  ['in', 'Zoom in'],
  ['out', 'Zoom out'],
  ['left', '←'],
  ['right', '→'],
  ['all', 'All of it'],
] as const;

export interface Page {
  /** Text, as `heading`: nothing of it is taken for markup. */
  brand: string;
  heading: string;
  lead: string;
  /** Markup. */
  body: string;
  data: PageData;
  /** Version of what has recorded the run; default: this. */
  version?: string;
  /** Whether it is served while the run goes on: then it asks its server for news. */
  isLive?: boolean;
}

/**
 * A self-contained page with charts. It asks for nothing from anywhere, can be shown in a frame that
 * may only run scripts, and has all but details without scripts. The scripts that may run are named
 * by their hashes.
 */
export function pageHtml({
  brand,
  heading,
  lead,
  body,
  data,
  version,
  isLive = false,
}: Page): string {
  const files = pageFiles(BROWSER);
  const scripts = ['main.js', ...(isLive ? ['live.js'] : [])].map((name) => files.get(name)!);
  const hashes = scripts.map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const asks = isLive ? "; connect-src 'self'" : '';
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}${asks}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="generator" content="tilewright ${markupText(version ?? packageVersion())}"/>
<title>${markupText(heading)}</title>
<style>${files.get('style.css')}</style>
</head>
<body>
<main>
<header><span>${markupText(brand)}</span><button id="theme" type="button">Light or dark</button></header>
<h1>${markupText(heading)}</h1>
<p class="lead">${markupText(lead)}</p>
${body}</main>
<div id="tip" hidden="hidden"></div>
<script type="application/json" id="data">${scriptJson(data)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

/** Charts one below the other, with what zooms their time; nothing if there are none. */
export function chartsOverTime(charts: readonly (readonly [title: string, svg: string])[]): string {
  const shown = charts.filter(([, svg]) => svg !== '');
  if (shown.length === 0) return '';
  const buttons = BUTTONS.map(
    ([way, name]) => `<button type="button" data-zoom="${way}">${name}</button>`,
  );
  const tools = `<div class="tools">${buttons.join('')}<span>or drag across a chart</span></div>`;
  return tools + shown.map(([title, svg]) => `<h3>${markupText(title)}</h3>${svg}`).join('\n');
}

/** The few numbers that tell how big a run is, each with its name. */
export function statList(entries: readonly (readonly [name: string, value: string])[]): string {
  const items = entries.map(
    ([name, value]) => `<div><dt>${markupText(name)}</dt><dd>${markupText(value)}</dd></div>`,
  );
  return `<dl class="stats">${items.join('')}</dl>`;
}
