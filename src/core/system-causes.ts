/** What the codes of system errors (errno(3)) mean, and what can be done about them. */

export interface SystemCause {
  /**
   * `denied`: the system does not let us; `absent`: there is nothing; `place`: the path can't be used
   * as it is meant. The others are codes of ours.
   */
  about: 'disk-full' | 'disk-fault' | 'system-limit' | 'usage' | 'denied' | 'absent' | 'place';
  says: string;
  advice: string;
}

const CAUSES: Readonly<Record<string, readonly [SystemCause['about'], string, string?]>> = {
  ENOSPC: ['disk-full', 'No space left on the disk'],
  EDQUOT: ['disk-full', 'Your quota on this disk is used up'],
  EACCES: ['denied', 'Permission denied'],
  EPERM: ['denied', 'Permission denied'],
  EROFS: ['denied', 'The file system is mounted read-only', 'Choose a folder on another one'],
  ENOENT: ['absent', 'There is no such file'],
  ENAMETOOLONG: ['place', 'The path or a name in it is too long', 'Choose a shorter one'],
  ELOOP: ['place', 'Links lead in a circle', 'Name the file that is meant'],
  ENOTDIR: ['place', 'A part of the path is a file, not a folder'],
  EISDIR: ['place', 'It is a folder, not a file'],
  ETXTBSY: [
    'place',
    'A program is running from this file',
    'Choose another one, or end the program',
  ],
  EFBIG: [
    'place',
    'The file would be larger than is allowed',
    'See `ulimit -f`, or choose another file system',
  ],
  EMFILE: [
    'system-limit',
    'This process has as many files open as it may',
    'Raise the limit (`ulimit -n`), or use fewer workers, and run the same command again',
  ],
  ENFILE: [
    'system-limit',
    'The machine has as many files open as it can',
    'End other programs, and run the same command again',
  ],
  ENOMEM: [
    'system-limit',
    'The machine has no memory left for this process',
    'Use fewer workers, and run the same command again',
  ],
  EIO: ['disk-fault', 'The disk, or the way to it, has failed', diskAdvice()],
  EUCLEAN: ['disk-fault', 'The file system is damaged', diskAdvice()],
  ENODEV: ['disk-fault', 'The disk is gone', diskAdvice()],
  ENOTCONN: ['disk-fault', 'The file system is not connected', diskAdvice()],
  ESTALE: ['disk-fault', 'The file server does not know this file any more', diskAdvice()],
};

function diskAdvice(): string {
  return "The system's log says more. When the disk works, run the same command again";
}

/**
 * Null for codes that say nothing about files.
 * @param code - `ENOENT`, as Node's errors have it
 * @param syscall - what was called, where that is known
 */
export function systemCause(code: string | undefined, syscall?: string): SystemCause | null {
  if (syscall === 'uv_cwd') {
    const advice = 'Change to a folder that is there, and run the same command again';
    return { about: 'usage', says: 'The current folder has been removed', advice };
  }
  // A program that is not there, or a host.
  if (syscall?.startsWith('spawn') || syscall === 'connect' || syscall === 'getaddrinfo')
    return null;
  const known = code === undefined ? undefined : CAUSES[code];
  if (known === undefined) return null;
  const [about, says, advice = ''] = known;
  return { about, says, advice };
}

/** Whether there is nothing at a path: also below a file that is taken for a folder. */
export function isAbsent(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What the system has against it, in words: the end of a sentence that names the file. */
export function causeText(error: unknown): string {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const cause = systemCause(code, syscall);
  if (cause === null) return error instanceof Error ? error.message : String(error);
  return cause.advice === '' ? cause.says : `${cause.says}. ${cause.advice}`;
}
