/**
 * A hash of the code that a module's functions run: of the module and of all that it imports. Comments,
 * white space and types do not count. Own files are read, packages stand by their names and
 * versions. What is imported by a name that is made at run time is not seen, nor are data files.
 */

import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import * as modules from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import jsTokens from 'js-tokens';

export function hashModule(url: string): string {
  const hash = createHash('sha256');
  // In the order of the imports, so that it does not matter where the files are.
  const urls = new Set([url]);
  for (const one of urls) {
    const file = read(one);
    hash.update(`${file.text.length}\n${file.text}\n`);
    for (const specifier of file.imports) {
      const found = resolve(specifier, one);
      if (found.startsWith('file:')) urls.add(found);
      hash.update(found.startsWith('file:') ? `file ${specifier}\n` : `${found}\n`);
    }
  }
  return hash.digest('base64url');
}

interface SourceFile {
  /** All that counts. */
  text: string;
  imports: string[];
}

function read(url: string): SourceFile {
  if (!url.startsWith('file:')) return { text: url, imports: [] };
  let path: string;
  let bytes: Buffer;
  try {
    path = fileURLToPath(url);
    bytes = readFileSync(path);
  } catch (error) {
    // Whoever calls the function says so, too.
    return { text: String((error as NodeJS.ErrnoException).code), imports: [] };
  }
  if (!/\.[cm]?[jt]s$/.test(path)) {
    return { text: createHash('sha256').update(bytes).digest('hex'), imports: [] };
  }
  const text = bytes.toString();
  return scan(/\.[cm]?ts$/.test(path) ? withoutTypes(text) : text);
}

/** The tokens, one a line: where lines ended is kept, as a statement may end there. */
export function scan(code: string): SourceFile {
  const kept: string[] = [];
  const imports: string[] = [];
  let newLine = false;
  let [before, last] = ['', ''];
  for (const { type, value } of jsTokens(code)) {
    switch (type) {
      case 'WhiteSpace':
      case 'SingleLineComment':
      case 'HashbangComment':
        continue;
      case 'LineTerminatorSequence':
      case 'MultiLineComment':
        newLine ||= /[\n\r\u2028\u2029]/.test(value);
        continue;
      case 'StringLiteral':
      case 'NoSubstitutionTemplate':
        if (namesModule(before, last)) imports.push(value.slice(1, -1));
    }
    if (newLine && kept.length > 0) kept.push('');
    newLine = false;
    kept.push(value);
    [before, last] = [last, value];
  }
  return { text: kept.join('\n'), imports };
}

/** Whether a text that follows these two tokens is the name of a module. */
function namesModule(before: string, last: string): boolean {
  if (last === '(') return before === 'import' || before === 'require';
  return last === 'from' || last === 'import';
}

/** Code that can't be stripped of its types counts as it is. */
function withoutTypes(code: string): string {
  const { stripTypeScriptTypes } = modules as { stripTypeScriptTypes?: (code: string) => string };
  const { emitWarning } = process;
  // Node warns that this function may still change; that is no concern of who calls an app.
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes?.(code) ?? code;
  } catch {
    return code;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** URL of an own file; name and version of a package; the name of what can't be found. */
function resolve(specifier: string, from: string): string {
  if (modules.isBuiltin(specifier)) return specifier;
  const require = modules.createRequire(from);
  if (/^(\.{0,2}\/|file:)/.test(specifier)) {
    const url = new URL(specifier, from).href;
    if (isFile(url)) return url;
  }
  try {
    const path = realpathSync(require.resolve(specifier));
    if (!path.includes(`${sep}node_modules${sep}`)) return pathToFileURL(path).href;
  } catch {
    // Modules that can't be required: their package is found all the same.
  }
  return packageOf(specifier, from);
}

function isFile(url: string): boolean {
  try {
    return realpathSync(fileURLToPath(url)) !== '';
  } catch {
    return false;
  }
}

function packageOf(specifier: string, from: string): string {
  try {
    const path = modules.findPackageJSON(specifier, from);
    const { name, version } = JSON.parse(readFileSync(path ?? '', 'utf8')) as {
      name?: string;
      version?: string;
    };
    return `${specifier} of ${name}@${version}`;
  } catch {
    return specifier;
  }
}
