/**
 * The shell that runs `workerInit`. Clusters define commands such as `module` in the files that a
 * login shell reads, and people know what works in theirs.
 */

import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

/** Shells that understand what {@link initLines} says, and `source`. */
const KNOWN = /^(bash|zsh|ksh(93)?|mksh)$/;

/** Program and options of the user's login shell: `$SHELL` if it is of a known kind, `bash`, `sh`. */
export function loginShell(environment: NodeJS.ProcessEnv = process.env): string[] {
  const own = environment['SHELL'] ?? '';
  if (KNOWN.test(basename(own)) && isProgram(own)) return [own, '-l'];
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/bin', '/usr/bin'];
  const bash = folders.map((folder) => join(folder, 'bash')).find(isProgram);
  return bash === undefined ? ['/bin/sh'] : [bash, '-l'];
}

/** The variable that keeps the search path while the files of a login shell set another one. */
const KEPT_PATH = 'TILEWRIGHT_PATH';

/** For whoever starts a login shell: what {@link initLines} takes up again. */
export function keptPath(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { [KEPT_PATH]: environment['PATH'] };
}

/**
 * The user's lines for a login shell, as a step of its own: what fails in it ends the block, and what
 * it exports stays. Programs that the coordinator finds are found, before those of the login shell.
 */
export function initLines(workerInit: string): string {
  if (workerInit.trim() === '') return '';
  return [
    `export PATH="\${${KEPT_PATH}:+$${KEPT_PATH}:}$PATH"; unset ${KEPT_PATH}`,
    'set -e',
    workerInit,
    'set +e',
    '',
  ].join('\n');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path.startsWith('/');
  } catch {
    return false;
  }
}
