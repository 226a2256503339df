/** What the types of bash apps and files allow, and what they don't: checked by `npm run types`. */

import {
  type AppFuture,
  app,
  bashApp,
  type CapturedOutput,
  type DataFuture,
  type File,
  type Files,
} from '../../../src/parallel.ts';
import type * as Commands from './commands.ts';

declare const file: File;
declare const fileLater: DataFuture;
declare const wordLater: AppFuture<string>;
declare const url: URL;

export function bashApps(): void {
  const plain = bashApp((word: string, n = 7) => `echo ${word} ${n}`);
  const exitCode: AppFuture<number> = plain('a');
  void exitCode;
  plain(wordLater, 8);
  // @ts-expect-error: not its argument
  plain(1);
  // @ts-expect-error: one is missing
  plain();
  const outputs: readonly DataFuture[] = plain('a').outputs;
  void outputs;

  const withFiles = bashApp((word: string, { inputs }: Files) => `grep ${word} ${inputs[0]}`);
  withFiles.with({ inputs: [file, fileLater] })('x');
  withFiles.with({ outputs: [file] })('x');
  withFiles('x', { inputs: [file, fileLater], outputs: [] });
  // @ts-expect-error: it needs its files
  withFiles('x');
  // @ts-expect-error: they are given already
  withFiles.with({ inputs: [file] })('x', { inputs: [], outputs: [] });
  // @ts-expect-error: outputs are made by the call, not before
  withFiles.with({ outputs: [fileLater] })('x');
  // Without files the arguments stay what they are.
  withFiles.with({ timeLimitMs: 1 })('x', { inputs: [], outputs: [] });

  const captured: AppFuture<CapturedOutput> = bashApp(() => 'ls', { capture: true })();
  const text: AppFuture<string> = captured.get('stdout');
  const bytes: AppFuture<Uint8Array> = bashApp(() => 'ls', { capture: 'bytes' })().get('stdout');
  void [text, bytes];
  // @ts-expect-error: no command
  bashApp(() => 42);
  // @ts-expect-error: a command is made at once
  bashApp(async () => 'ls');
  // @ts-expect-error: no such option
  bashApp(() => 'ls', { stdot: 'x' });
  // @ts-expect-error: no such mode
  bashApp(() => 'ls', { stdout: ['x', 'r'] });
  // @ts-expect-error: what the result is can't change with a call
  plain.with({ capture: true });
  // @ts-expect-error: no such option, beside one that there is
  plain.with({ cache: true, stdot: 'x' });
  // @ts-expect-error: files are those of a call
  bashApp(() => 'ls', { outputs: [file] });
  const codes: Promise<number[]> = plain.map(['a', wordLater], { concurrency: 3 });
  void codes;
}

export function exported(): void {
  const later = bashApp<typeof Commands.later>(url, 'later', { capture: true });
  const output: AppFuture<CapturedOutput> = later('x');
  void output;
  // @ts-expect-error: not its argument
  later(1);
  // @ts-expect-error: makes no command
  bashApp<typeof Commands.touchFirst>(url, 'touchFirst');
}

export function filesAsArguments(): void {
  const sum = app<typeof Commands.sum>(url, 'sum');
  sum(file, file);
  sum(fileLater, file);
  // @ts-expect-error: a path is no File
  sum('x', file);
  const touch = app<typeof Commands.touchFirst>(url, 'touchFirst');
  const touched: readonly DataFuture[] = touch.with({ outputs: [file] })().outputs;
  touch({ inputs: [fileLater], outputs: [file] });
  // @ts-expect-error: they are given already
  touch.with({ outputs: [file] })({ inputs: [], outputs: [file] });
  // @ts-expect-error: it runs no command
  touch.with({ env: {} });
  // @ts-expect-error: files are those of a call
  app(url, 'touchFirst', { outputs: [file] });
  void touched;
}
