/** What shows a run's progress to somebody. */

import type { WriteStream } from 'node:tty';
import type { RunEvent } from '../../staging/telling/events.ts';
import { PlainProgress } from './plain-progress.ts';

export interface ProgressView {
  update(event: RunEvent): void;
  /** A message that stays, beside the progress. */
  print(text: string): void;
  /** Takes away what does not stay; nothing is shown after that. */
  end(): void;
}

/** A block that is redrawn on a terminal that can do that, else lines. */
export async function progressOn(stream: WriteStream): Promise<ProgressView> {
  if (!stream.isTTY || process.env['TERM'] === 'dumb') return new PlainProgress(stream);
  // Only here: what measures text takes a while to load.
  const { TerminalProgress } = await import('./terminal-progress.ts');
  return new TerminalProgress(stream);
}
