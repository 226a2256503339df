/** What URLs were found to be a moment ago, so that one look at each serves all who ask then. */

import type { TilewrightError } from '../../core/errors.ts';
import { lazily } from '../lazily.ts';
import type { Identity } from './identity.ts';
import { s3Name } from './input-url.ts';
import { LIMITS } from './limits.ts';
import type { Listed } from './list-objects.ts';
import { rangeClient } from './range-client.ts';

// Of the modules that know HTTP, which take long to load.
const askModule = lazily<typeof import('./ask.ts')>(import.meta.url, 'ask');

/** Of a prefix. */
const MOST_OBJECTS = 5_000_000;
/** How old may be what a reader opens: what changed since is noticed when it is read. */
export const RECENT_MS = 60_000;

interface Known {
  /** Null: nothing is there. */
  identity: Identity | null;
  /** Why it can't be told: given once. */
  error?: TilewrightError;
  at: number;
}

const known = new Map<string, Known>();
/** Prefixes that were listed, with a slash at their ends: what was not among it is not there. */
const listed = new Map<string, number>();

function recent(url: string, age: number): Known | null {
  const found = known.get(url);
  if (found !== undefined && isRecent(found.at, age)) return found;
  const at = [...listed].find(([prefix, at]) => isRecent(at, age) && url.startsWith(prefix))?.[1];
  return at === undefined ? null : { identity: null, at };
}

function isRecent(at: number, age: number): boolean {
  return at > performance.now() - age;
}

/** An URL of which one wants to know what is there. */
export interface Wanted {
  url: string;
  /** It may be missing, and a bucket that nobody may list says that it is forbidden. */
  optional: boolean;
}

/**
 * What is at each URL, null for nothing: asked for at once, but for what was seen within `age`
 * milliseconds.
 * @throws TilewrightError input-unreadable
 */
export function identitiesOf(wanted: readonly Wanted[], age: number): (Identity | null)[] {
  lookAtNow(wanted, age);
  return wanted.map(({ url }) => {
    // Nobody else has forgotten it meanwhile.
    const { identity, error } = recent(url, Infinity)!;
    if (error === undefined) return identity;
    forget(url);
    throw error;
  });
}

export function identityOf(url: string, age = RECENT_MS): Identity | null {
  return identitiesOf([{ url, optional: false }], age)[0]!;
}

/** From here on all is asked for anew, as when a run begins. */
export function forgetAll(): void {
  known.clear();
  listed.clear();
}

/** It is not any more what it was. */
export function forget(url: string): void {
  known.delete(url);
}

/** Looks at many at once, so that asking for each takes no time then. What fails, fails then. */
export function lookAtNow(wanted: readonly Wanted[], age: number): void {
  const asked = wanted.map((one) => ask(one, age));
  for (const { url, id } of asked) if (id !== null) note(url, () => rangeClient().take(id));
}

/** Requests that are under way at a time. */
const AT_ONCE = 64;

/** As `lookAtNow`, while the thread does other things. */
export async function lookAtLater(wanted: readonly Wanted[], age: number): Promise<void> {
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const asked = wanted.slice(i, i + AT_ONCE).map((one) => ask(one, age));
    for (const { url, id } of asked) {
      if (id === null) continue;
      await rangeClient().ready(id);
      note(url, () => rangeClient().take(id));
    }
  }
}

/** The request's number; null where it need not be asked for. */
function ask({ url, optional }: Wanted, age: number): { url: string; id: number | null } {
  if (recent(url, age) !== null) return { url, id: null };
  const id = rangeClient().send({ kind: 'head', url, optional, limits: LIMITS });
  return { url, id };
}

function note(url: string, take: () => unknown): void {
  let found: Omit<Known, 'at'>;
  try {
    found = { identity: take() as Identity | null };
  } catch (error) {
    found = { identity: null, error: error as TilewrightError };
  }
  known.set(url, { ...found, at: performance.now() });
}

/**
 * URLs of all objects below a prefix of S3, in the order of their keys' bytes.
 * @param prefix - `s3://bucket/folder/`
 * @throws TilewrightError input-unreadable, input-missing for a bucket that is not there
 */
export function objectsBelow(prefix: string): string[] {
  const { bucket } = s3Name(prefix)!;
  const urls: string[] = [];
  const at = performance.now();
  for (let from: string | null = null; ; ) {
    const client = rangeClient();
    const id = client.send({ kind: 'list', url: prefix, from, limits: LIMITS });
    const { objects, next } = client.take(id) as Listed;
    for (const [key, identity] of objects) {
      const url = `s3://${bucket}/${key}`;
      if (!url.startsWith(prefix) || urls.length === MOST_OBJECTS) {
        throw askModule().failure(
          prefix,
          `its server lists too many objects, or others than were asked for`,
        );
      }
      urls.push(url);
      known.set(url, { identity, at });
    }
    if (next === null) break;
    from = next;
  }
  listed.set(prefix, at);
  return urls;
}
