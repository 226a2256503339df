/** What the tests of the memo and of checkpoints share. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

export function folderFor(t: TestContext, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-memo-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export const urlOf = (folder: string, name: string): string =>
  pathToFileURL(join(folder, name)).href;

/** An app that writes down each of its calls. */
export const MODULE = `
  import { appendFileSync } from 'node:fs';
  export function times(file, n, extra) { appendFileSync(file, 'x'); return { n, at: new Map([[n, -0]]) }; }
  export function fails(file) { appendFileSync(file, 'x'); throw new Error('never'); }
  export function odd(file) { appendFileSync(file, 'x'); return { call: () => 1 }; }`;

export type Times = (
  file: string,
  n: number,
  extra?: unknown,
) => { n: number; at: Map<number, number> };
