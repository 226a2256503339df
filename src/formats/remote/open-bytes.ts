/** Opens what an input's path or URL names. */

import { LocalFile, type RandomAccess } from '../bytes/random-access.ts';
import { lazily } from '../lazily.ts';
import { isInputUrl } from './input-url.ts';

const remote = lazily<typeof import('./remote-file.ts')>(import.meta.url, 'remote-file');

/**
 * @param input - path of the input that errors name
 * @throws TilewrightError input-missing, input-unreadable, input-format (not a regular file)
 */
export function openBytes(path: string, input = path): RandomAccess {
  return isInputUrl(path) ? new (remote().RemoteFile)(path, input) : new LocalFile(path, input);
}
