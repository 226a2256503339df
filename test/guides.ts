/** Runs the examples of a guide as its reader would: files, then commands, then programs. */

import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..');

export interface Block {
  language: string;
  /** Of the file that the block is to be saved as; empty if there is none. */
  name: string;
  code: string;
}

export interface GuideOptions {
  env?: Record<string, string>;
  /** Changes what is written into a file: what differs from one place to another. */
  edit?: (name: string, code: string) => string;
}

/** Fenced code blocks of a Markdown file. */
export function blocksOf(path: string): Block[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [...text.matchAll(/^```(\w*)[ ]?(\S*)\n(.*?)^```$/gms)].map(
    ([, language, name, code]) => ({
      language: language!,
      name: name!,
      code: code!,
    }),
  );
}

/**
 * Runs all blocks of a guide in a folder; each must succeed.
 * @returns what commands and programs have printed
 */
export async function runGuide(
  path: string,
  folder: string,
  { env = {}, edit = (_, code) => code }: GuideOptions = {},
): Promise<string> {
  const blocks = blocksOf(path);
  for (const { language, name, code } of blocks) {
    if (language === 'json') writeFileSync(join(folder, name), edit(name, code));
  }
  // In the order of the page. What sets up a clone is another test's.
  const commands = blocks
    .filter(({ language }) => language === 'sh')
    .map(({ code }) => code.replace(/^(npm ci|alias .*)$/gm, ''));
  const run = (file: string, args: readonly string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(file, args, {
      cwd: folder,
      env: { ...process.env, ...env, PATH: `${binFolder(folder)}:${process.env['PATH']}` },
      timeout: 400_000,
    });
  let printed = (await run('/bin/sh', ['-ec', commands.join('\n')])).stdout;
  const library = pathToFileURL(join(ROOT, 'src/index.ts')).href;
  for (const [i, { code }] of blocks.filter(({ language }) => language === 'ts').entries()) {
    const file = join(folder, `program-${i}.ts`);
    writeFileSync(file, code.replace("from 'tilewright'", `from '${library}'`));
    printed += (await run(process.execPath, [file])).stdout;
  }
  return printed;
}

/** A folder with the command `tilewright`. */
function binFolder(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const command = join(bin, 'tilewright');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/src/cli/main.ts' "$@"\n`);
  chmodSync(command, 0o755);
  return bin;
}

/** What a clone needs to run, without its tests. */
export function copyCheckout(folder: string): void {
  for (const name of [
    'package.json',
    'src',
    'examples',
    'bench/scenes.ts',
    'bench/crs-texts.ts',
    'bench/scene-file.ts',
    'bench/ground.ts',
  ]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}
