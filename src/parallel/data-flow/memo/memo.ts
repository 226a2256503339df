/**
 * Results of apps that were run before, by what they depend on: the app's name, the code of its
 * module and of what that imports, its arguments. With a checkpoint they outlive the process, and
 * the next one finds them. They are kept as text: nobody who changes a result changes it for others.
 */

import { createHash } from 'node:crypto';
import { toTilewrightError } from '../../../core/errors.ts';
import type { FunctionLocation } from '../../registry.ts';
import { decodeText, encodeText } from '../../values/codec.ts';
import type { CheckpointMode, Config } from '../config.ts';
import { CheckpointWriter, readCheckpoint } from './checkpoint.ts';
import { type KeyOptions, textOfArguments } from './memo-key.ts';
import { hashModule } from './module-hash.ts';

export class Memo {
  readonly #texts = new Map<string, string>();
  readonly #moduleHashes = new Map<string, string>();
  readonly #mode: CheckpointMode | null;
  readonly #writer: CheckpointWriter | null = null;
  /** Not in the checkpoint yet. */
  #unwritten: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #warned = false;

  /** @throws TilewrightError input-unreadable, input-format for checkpoints */
  constructor({ checkpoint, checkpointMode, checkpointPeriodMs, checkpointFiles }: Config) {
    this.#mode = checkpointMode;
    const keep = (key: string, text: string): unknown => this.#texts.set(key, text);
    for (const path of checkpointFiles) readCheckpoint(path, true, keep);
    if (checkpoint === null) return;
    readCheckpoint(checkpoint, false, keep);
    this.#writer = new CheckpointWriter(checkpoint);
    if (checkpointMode === 'periodic') {
      this.#timer = setInterval(() => this.#tryWriting(), checkpointPeriodMs).unref();
    }
  }

  /** Null for arguments that nothing can be remembered by; whoever sends them refuses them. */
  keyOf(
    { name, url }: FunctionLocation,
    args: readonly unknown[],
    call?: KeyOptions,
  ): string | null {
    const text = textOfArguments(args, call);
    if (text === null) return null;
    let code = this.#moduleHashes.get(url);
    if (code === undefined) {
      code = hashModule(url);
      this.#moduleHashes.set(url, code);
    }
    return createHash('sha256').update(`${name}\n${code}\n${text}`).digest('base64url');
  }

  /** Null if there is none. */
  find(key: string): { result: unknown } | null {
    const text = this.#texts.get(key);
    if (text === undefined) return null;
    try {
      return { result: decodeText(text) };
    } catch {
      // A checkpoint that was damaged: it is computed again.
      this.#texts.delete(key);
      return null;
    }
  }

  /** With `taskExit` written at once: a process that is killed later has not computed it in vain. */
  set(key: string, result: unknown, of: string): void {
    try {
      this.#texts.set(key, encodeText(result, `The result of ${of}`));
    } catch (error) {
      this.#warn(`A result is not remembered: ${toTilewrightError(error).message}`);
      return;
    }
    if (this.#writer === null) return;
    this.#unwritten.push(key);
    if (this.#mode === 'taskExit') this.#tryWriting();
  }

  /**
   * Writes to the checkpoint what is not in it yet.
   * @returns how many results
   * @throws TilewrightError output-unwritable, disk-full
   */
  checkpoint(): number {
    const keys = this.#unwritten;
    this.#writer?.append(keys.map((key) => [key, this.#texts.get(key)!] as const));
    this.#unwritten = [];
    return keys.length;
  }

  /** Writes the rest, and closes the file. */
  close(): void {
    clearInterval(this.#timer);
    this.#tryWriting();
    this.#writer?.close();
  }

  /** That it can't be kept makes no task fail that has its result. */
  #tryWriting(): void {
    try {
      this.checkpoint();
    } catch (error) {
      this.#warn(`The checkpoint can't be written: ${toTilewrightError(error).message}`);
    }
  }

  #warn(text: string): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(text, 'TilewrightWarning');
  }
}
