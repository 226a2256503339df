/** `tilewright check`: what staging would make of inputs. */

import { resolve } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { check } from '../../staging/check/check.ts';
import type { CheckResult } from '../../staging/check/check-result.ts';
import type { CheckCommand } from '../arguments/check-arguments.ts';
import { checkLines } from '../lines/check-table.ts';
import { hanging } from '../output.ts';
import { inputFailure } from '../progress/failure-text.ts';
import { repeatedLines, type Told } from '../progress/repeats.ts';
import { unreadLines } from '../progress/unread-lines.ts';
import { progressOn } from '../progress/view.ts';
import { STOP_SIGNALS } from '../stop-signals.ts';
import { unstacked, workerErrorText } from '../told-error.ts';

/** Columns of a pipe or file. */
const PIPE_WIDTH = 120;
/** Kinds of failures that are told. */
const FAILURES = 20;

/** @returns 1 if an input or a feature would not be staged */
export async function checkCommand(command: CheckCommand, stacks = false): Promise<number> {
  const { inputs, config, duplicates, json } = command;
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  const view = json ? null : await progressOn(process.stderr);
  try {
    const result = await check(config, {
      ...(inputs.length > 0 && { inputs }),
      ...{ duplicates, signal: abort.signal },
      onProgress: (event) => {
        // These come with the others, by kind.
        if (event.type !== 'input-failed' && event.type !== 'warning') view?.update(event);
      },
    });
    view?.end();
    if (json) {
      const missing = result.missing.map(({ argument, error }) => {
        return { argument, error: error.toJSON() };
      });
      const text = JSON.stringify({ ...result, missing }, stacks ? undefined : unstacked, 2);
      process.stdout.write(`${text}\n`);
    } else {
      const { columns, isTTY } = process.stdout;
      const lines = checkLines(
        result,
        isTTY ? columns || PIPE_WIDTH : PIPE_WIDTH,
        config.values.invalid,
      );
      lines.push(...unreadLines(result.unread, result.missing));
      process.stdout.write(`${lines.join('\n')}\n`);
      const failures = failureLines(result, stacks);
      if (failures.length > 0) process.stderr.write(`${failures.join('\n')}\n`);
    }
    return result.fine ? 0 : 1;
  } catch (error) {
    view?.end();
    if (!abort.signal.aborted) throw error;
    throw new TilewrightError('interrupted', 'Interrupted. Nothing was written');
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}

function failureLines({ inputs, missing }: CheckResult, stacks: boolean): string[] {
  const all: Told[] = missing.map(({ argument, error }) => ({
    name: argument,
    aliases: [error.input, resolve(argument)],
    text: hanging(error.message),
  }));
  for (const input of inputs) {
    if (input.status !== 'failed') continue;
    const { name, error } = input;
    const text = workerErrorText(hanging(inputFailure(name, error)), error, stacks);
    all.push({ name, aliases: [error.input], text: `${error.code}: ${text}` });
  }
  const lines = stacks ? all.map(({ text }) => text) : repeatedLines(all, 'inputs');
  const more = lines.length - FAILURES;
  return [
    ...lines.slice(0, stacks ? lines.length : FAILURES).map((text) => `failed: ${text}`),
    ...(more > 0 && !stacks ? [`and ${more} more kinds of failures; --json lists all`] : []),
  ];
}
