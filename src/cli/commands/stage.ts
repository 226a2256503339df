/** `tilewright stage`. */

import { relative, resolve } from 'node:path';
import { counted, countText } from '../../insight/units.ts';
import type { Config } from '../../staging/configuration/config.ts';
import type { InputResult, ProductResult, ResumedRun } from '../../staging/phases/run-result.ts';
import { type StageAllResult, TileStager } from '../../staging/tile-stager.ts';
import type { StageCommand } from '../arguments/arguments.ts';
import { duplicateLines, duplicateWords } from '../lines/duplicate-lines.ts';
import { dropLines, droppedWords, noteLines } from '../lines/result-lines.ts';
import { invalidWords, validityLines } from '../lines/validity-lines.ts';
import { hanging } from '../output.ts';
import { inputFailure } from '../progress/failure-text.ts';
import { repeatedLines, type Told } from '../progress/repeats.ts';
import { unreadLines } from '../progress/unread-lines.ts';
import { workerErrorText } from '../told-error.ts';
import { followRun } from './followed-run.ts';

/** Stages, prints what was made; returns the exit code. */
export async function stageCommand(command: StageCommand, stacks = false): Promise<number> {
  const { config, quiet, json } = command;
  if (command.dryRun) return (await import('./dry-run.ts')).dryRunCommand(command, stacks);
  if (command.detach !== null) {
    return (await import('./detach.ts')).detach(command, command.detach);
  }
  const folder = resolve(config.values.dirStaged);
  return followRun({ folder, quiet, json, stacks }, async ({ options, told, ...show }) => {
    const result = await new TileStager(config).stageAll({
      ...(command.inputs.length > 0 && { inputs: command.inputs }),
      ...options,
    });
    show.endProgress();
    if (show.printJson !== null) show.printJson(jsonReport(result, config.values.dirStaged));
    else report(result, config, quiet, told, stacks);
    if (!quiet && !json && result.record !== null) await tellBound(result.record, folder);
    const failed =
      result.missing.length > 0 ||
      result.nothingStaged !== null ||
      (result.products ?? []).some((product) => product.failed.length > 0) ||
      result.inputs.some((i) => i.status === 'failed');
    const { total } = result.tiles;
    const staged = `${countText(total)} ${total === 1 ? 'tile is' : 'tiles are'} staged`;
    const words = `${staged}${droppedWords(result)}${duplicateWords(result)}`;
    return { code: failed ? 1 : 0, words };
  });
}

function jsonReport(result: StageAllResult, folder: string): object {
  return {
    ...result,
    missing: result.missing.map(({ argument, error }) => ({ argument, error: error.toJSON() })),
    folder,
  };
}

/** @param told - inputs whose failure is on the screen already */
function report(
  result: StageAllResult,
  { values: { dirStaged: folder, invalid } }: Config,
  quiet: boolean,
  told: ReadonlySet<string>,
  stacks: boolean,
): void {
  const out: string[] = [];
  const errors: string[] = [];
  let failed = result.missing.length;
  const failures: Told[] = result.missing
    .filter(({ argument }) => stacks || !told.has(argument))
    .map(({ argument, error }) => ({
      name: argument,
      aliases: [error.input, resolve(argument)],
      text: hanging(error.message),
    }));
  for (const input of result.inputs) {
    if (input.status !== 'failed') continue;
    failed++;
    if (!told.has(input.name) || stacks || input.error.code === 'internal') {
      failures.push({
        name: input.name,
        aliases: [input.error.input],
        text: failure(input, stacks),
      });
    }
  }
  for (const { name, failed: tiles } of result.products ?? []) {
    for (const { tile, error } of tiles) {
      const product = `${name} ${tile}`;
      if (told.has(product) && !stacks) continue;
      failures.push({
        name: product,
        text: workerErrorText(`${product}: ${hanging(error.message)}`, error, stacks),
      });
    }
  }
  const lines = stacks ? failures.map(({ text }) => text) : repeatedLines(failures, 'inputs');
  errors.push(...lines.map((text) => `failed: ${text}`));
  if (result.nothingStaged !== null) errors.push(`failed: ${result.nothingStaged.message}`);
  if (!quiet) {
    const staged = result.inputs.filter((input) => input.status === 'staged');
    const unchanged = result.inputs.filter((input) => input.status === 'unchanged');
    const { tiles } = result;
    const place = relative(process.cwd(), folder) || '.';
    for (const run of result.resumed) out.push(resumedText(run));
    const isIdle = staged.length === 0 && result.removed.length === 0 && result.featuresRead === 0;
    if (isIdle && result.resumed.length > 0) out.push(tilesText(result, place));
    else if (isIdle) {
      const there = `${counted(unchanged.length, 'input')} unchanged, ${counted(tiles.total, 'tile')} in ${place}`;
      if (failed === 0) out.push(`Nothing to do: ${there}`);
      else out.push(`Nothing was staged${unchanged.length === 0 ? '.' : `: ${there}`}`);
    } else {
      out.push(...changes(result, staged, unchanged.length));
      if (staged.length > 0) out.push(...validityLines(result, staged, invalid));
      out.push(tilesText(result, place));
    }
    out.push(...duplicateLines(result));
    for (const product of result.products ?? []) out.push(productText(product));
    if (told.size > 0 && failed > 0)
      out.push(`failed     ${counted(failed, 'input')}; the causes are told above`);
    const gone = result.gone.map((name) => {
      return { name, text: `${name} is no longer there; its features stay until --prune` };
    });
    out.push(...repeatedLines(gone, 'inputs').map((text) => `gone       ${text}`));
    out.push(...unreadLines(result.unread, result.missing));
    out.push(...noteLines(result));
  }
  if (out.length > 0) process.stdout.write(`${out.join('\n')}\n`);
  if (errors.length > 0) process.stderr.write(`${errors.join('\n')}\n`);
}

function tilesText({ tiles }: StageAllResult, place: string): string {
  return (
    `tiles      ${tiles.new} new, ${tiles.changed} changed, ${tiles.unchanged} unchanged, ` +
    `${tiles.removed} removed; ${tiles.total} in ${place}`
  );
}

function productText({ name, made, kept, removed, failed, blocked }: ProductResult): string {
  const missing = failed.length + blocked;
  return (
    `product    ${name}: ${countText(made)} made, ${countText(kept)} kept, ${countText(removed)} ` +
    `removed${missing === 0 ? '' : `, ${countText(missing)} can't be made`}`
  );
}

function resumedText(run: ResumedRun): string {
  const { inputs, featuresRead, rowsWritten, tiles, removed } = run;
  if (inputs.length === 0) {
    return `Finished the interrupted run: ${counted(removed.length, 'input')} removed`;
  }
  return (
    `Finished the interrupted run: ${counted(rowsWritten, 'row')} of ${counted(inputs.length, 'input')}, ` +
    `${counted(tiles, 'tile')} written; ${counted(featuresRead, 'feature')} read${droppedWords(run)}`
  );
}

/** In shorter runs starting up is most of the time, which says nothing of longer ones; in seconds. */
const SHORT = 5;

/** What bound the run, in a sentence, and where there is more of it. */
async function tellBound(record: string, folder: string): Promise<void> {
  const [{ analyse }, { readRecordLines }] = await Promise.all([
    import('../../insight/analyse.ts'),
    import('../../staging/recording/record-file.ts'),
  ]);
  try {
    const { verdict, seconds } = analyse(readRecordLines(record));
    if (verdict.bound === 'coordinator' && seconds < SHORT) return;
    const place = relative(process.cwd(), folder) || '.';
    process.stdout.write(`bound      ${verdict.sentence} More: tilewright report ${place}\n`);
  } catch {
    // All is staged, and a later run may have removed the record: there is nothing to tell then.
  }
}

function failure(
  { name, error }: Extract<InputResult, { status: 'failed' }>,
  stacks: boolean,
): string {
  return workerErrorText(hanging(inputFailure(name, error)), error, stacks);
}

function changes(result: StageAllResult, staged: InputResult[], unchanged: number): string[] {
  const rate = result.featuresRead / result.seconds;
  const out = [
    `inputs     ${staged.length} staged, ${unchanged} unchanged` +
      (result.removed.length > 0 ? `, ${result.removed.length} removed` : ''),
    `features   ${countText(result.featuresRead)} read in ${result.seconds.toFixed(1)} s ` +
      `(${countText(Math.round(rate))} a second), ${countText(result.featuresStaged)} staged` +
      droppedWords(result) +
      invalidWords(result),
    `rows       ${countText(result.rowsWritten)} written, ${countText(result.boundaryCopies)} of them ` +
      'copies of features that cross tile boundaries',
  ];
  const removed = result.removed.map((name) => ({ name, text: name }));
  out.push(...repeatedLines(removed, 'inputs').map((text) => `removed    ${text}`));
  out.push(...dropLines(result, staged));
  return out;
}
