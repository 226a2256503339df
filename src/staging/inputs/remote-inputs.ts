/** Inputs that are named by URLs: files, and all below a prefix of S3. */

import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { shownUrl } from '../../core/remote-name.ts';
import { formatOfUrl, inputExtensionOf, urlsOfInput } from '../../formats/input-formats.ts';
import {
  inputUrl,
  isInputUrl,
  s3Name,
  urlBelow,
  urlFolder,
} from '../../formats/remote/input-url.ts';
import {
  forgetAll,
  identityOf,
  lookAtLater,
  lookAtNow,
  objectsBelow,
  RECENT_MS,
  type Wanted,
} from '../../formats/remote/known-inputs.ts';
import { unreadAdvice } from '../../formats/unread/advice.ts';
import type { FoundInput } from '../folder/found-input.ts';
import { escapeName, hasControls, oddName } from './odd-names.ts';
import { inputOfPart } from './sidecars.ts';

export interface RemoteInputs {
  inputs: FoundInput[];
  /** What can't be an input, by the argument or the object that it is about. */
  failed: { argument: string; error: TilewrightError }[];
}

interface RemoteOptions {
  /** In lower case: what prefixes are searched for. */
  extensions: readonly string[];
  /** As in FindOptions; a folder of this machine is none of a URL. */
  baseFolder: string | null;
}

/** The inputs that arguments name, all of which are URLs. Each URL is asked for once. */
export function findRemote(args: readonly string[], options: RemoteOptions): RemoteInputs {
  const found: RemoteInputs = { inputs: [], failed: [] };
  forgetAll();
  lookAtNow(args.flatMap(wantedOf), 0);
  for (const argument of args) {
    try {
      const url = inputUrl(argument);
      if (isPrefix(url)) found.inputs.push(...below(url, options, found.failed));
      else found.inputs.push(named(url, options));
    } catch (error) {
      const shown = shownUrl(argument);
      found.failed.push({ argument: shown, error: toTilewrightError(error, { input: shown }) });
    }
  }
  return found;
}

/** What is asked about an argument, if that is a file. */
function wantedOf(argument: string): Wanted[] {
  try {
    const url = inputUrl(argument);
    return url.endsWith('/') ? [] : [{ url, optional: false }];
  } catch {
    // It is told of below.
    return [];
  }
}

/** Whether a URL stands for all objects below it. */
function isPrefix(url: string): boolean {
  const name = s3Name(url);
  return name !== null && (name.key === '' || name.key.endsWith('/'));
}

function named(url: string, options: RemoteOptions): FoundInput {
  if (url.endsWith('/')) {
    const why = 'it is a folder, which servers do not list. Give the URLs of the files in it';
    throw new TilewrightError('input-missing', `${url} can't be read: ${why}`, { input: url });
  }
  if (identityOf(url) === null) throw missing(url);
  if (formatOfUrl(url) === undefined) {
    const what =
      inputOfPart(url) === null
        ? `is ${unreadAdvice(url, '.')}`
        : 'is read with the input that it belongs to: give that one.';
    throw new TilewrightError('input-format', `${url} ${what}`, { input: url });
  }
  return asInput(url, urlFolder(url), options);
}

function missing(url: string): TilewrightError {
  const advice = /[*?[{]/.test(url)
    ? ' Names of URLs have no wildcards; a prefix of S3 that ends with a slash stands for all below it.'
    : s3Name(url) === null
      ? ''
      : ' A prefix, which stands for all below it, ends with a slash.';
  return new TilewrightError('input-missing', `There is no ${url}.${advice}`, { input: url });
}

function below(
  prefix: string,
  options: RemoteOptions,
  failed: RemoteInputs['failed'],
): FoundInput[] {
  const inputs: FoundInput[] = [];
  const root = prefix.slice(0, -1);
  for (const url of objectsBelow(prefix)) {
    const extension = inputExtensionOf(url);
    const parts = url.slice(prefix.length).split('/');
    if (extension === undefined || !options.extensions.includes(extension)) continue;
    if (parts.some((part) => part.startsWith('.'))) continue;
    try {
      inputs.push(asInput(inputUrl(url), root, options));
    } catch (error) {
      const known = toTilewrightError(error, { input: shownUrl(url) });
      failed.push({ argument: shownUrl(url), error: known });
    }
  }
  if (inputs.length > 0 || failed.length > 0) return inputs;
  const message = `There is no ${options.extensions.join(' or ')} object below ${prefix}.`;
  throw new TilewrightError('input-missing', message, { input: prefix });
}

function asInput(url: string, folder: string, { baseFolder }: RemoteOptions): FoundInput {
  const base = baseFolder !== null && isInputUrl(baseFolder) ? inputUrl(baseFolder) : null;
  const start = base?.replace(/\/+$/, '');
  const root = start !== undefined && url.startsWith(`${start}/`) ? start : folder;
  const name = urlBelow(url, root);
  if (hasControls(name)) throw oddName(escapeName(url), 'which has control characters');
  return { path: url, name: name.normalize('NFC'), root };
}

/** Folders among what was given, of this machine or of S3: what is gone from them is gone from what is staged. */
export function rootsOf(given: readonly string[]): string[] {
  return given.flatMap((name) => {
    if (!isInputUrl(name)) {
      return statSync(name, { throwIfNoEntry: false })?.isDirectory() ? resolve(name) : [];
    }
    try {
      const url = inputUrl(name);
      return isPrefix(url) ? url.slice(0, -1) : [];
    } catch {
      // Whoever looks for inputs in it says why.
      return [];
    }
  });
}

/** Whether the file of an input is still there; one that can't be asked for is. */
export function isInputThere(path: string): boolean {
  if (!isInputUrl(path)) return existsSync(path);
  try {
    return identityOf(path) !== null;
  } catch {
    return true;
  }
}

/** Asks for all remote ones of many inputs at once, before each is planned. */
export async function lookAtInputs(found: readonly FoundInput[]): Promise<void> {
  const remote = found.filter(({ path }) => isInputUrl(path));
  const urls = remote.flatMap(({ path }) => urlsOfInput(path));
  if (urls.length > 0) await lookAtLater(urls, RECENT_MS);
}
