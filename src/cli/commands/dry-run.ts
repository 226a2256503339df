/** `tilewright stage --dry-run`: what a run would do. */

import { relative } from 'node:path';
import { type Selection, selectsFeatures } from '../../formats/selection/selection.ts';
import { bytesText, counted, countText } from '../../insight/units.ts';
import { selectionOf } from '../../staging/configuration/selection.ts';
import type { DryInput, DryResumed } from '../../staging/pipeline/dry-run-plan.ts';
import { type DryRun, TileStager } from '../../staging/tile-stager.ts';
import type { StageCommand } from '../arguments/arguments.ts';
import { hanging } from '../output.ts';
import { inputFailure } from '../progress/failure-text.ts';
import { unreadLines } from '../progress/unread-lines.ts';
import { unstacked } from '../told-error.ts';

/** Inputs of one kind that are listed. */
const LISTED = 20;

/** @returns 1 if something that is asked for can't be read, as a run would */
export async function dryRunCommand(
  { inputs, config, json }: StageCommand,
  stacks: boolean,
): Promise<number> {
  const stager = new TileStager(config);
  const plan = await stager.dryRun(inputs.length > 0 ? { inputs } : {});
  const folder = config.values.dirStaged;
  if (json) {
    const missing = plan.missing.map(({ argument, error }) => ({
      argument,
      error: error.toJSON(),
    }));
    const event = { type: 'dry-run', ...plan, missing, folder };
    process.stdout.write(`${JSON.stringify(event, stacks ? undefined : unstacked)}\n`);
  } else {
    process.stdout.write(
      `${dryRunLines(plan, relative(process.cwd(), folder) || '.', selectionOf(config.values)).join('\n')}\n`,
    );
  }
  const failed = plan.missing.length > 0 || plan.inputs.some(({ status }) => status === 'failed');
  return failed ? 1 : 0;
}

function dryRunLines(plan: DryRun, place: string, selection: Selection | null): string[] {
  const by = (status: DryInput['status']): DryInput[] =>
    plan.inputs.filter((input) => input.status === status);
  const kept = new Set(plan.removed);
  const lines = [
    ...listed('new', by('new').map(described)),
    ...listed('changed', by('changed').map(described)),
    ...listed('again', by('again').map(described)),
    ...listed('removed', plan.removed),
    ...listed(
      'gone',
      plan.gone
        .filter((name) => !kept.has(name))
        .map((name) => `${name} is no longer there; its features would stay without --prune`),
    ),
    ...listed('failed', [
      ...plan.missing.map(({ error }) => hanging(error.message)),
      ...by('failed').map(({ name, error }) => hanging(inputFailure(name, error!))),
    ]),
  ];
  if (selectsFeatures(selection) && readAnew(plan)) {
    lines.push('selected   a part of these features; tilewright check tells how many');
  }
  const resumed = new Set(plan.resumes?.inputs);
  const unchanged = by('unchanged').filter(({ name }) => !resumed.has(name)).length;
  if (plan.resumes !== null) lines.unshift(resumedLine(plan.resumes));
  if (unchanged > 0) lines.push(`unchanged  ${counted(unchanged, 'input')}`);
  for (const { name, outdated, kept, gone } of plan.products ?? []) {
    lines.push(
      `product    ${name}, by the tiles as they are: ${countText(outdated)} made, ${countText(kept)} kept, ` +
        `${countText(gone)} removed`,
    );
  }
  lines.push(...tileLines(plan, place), ...unreadLines(plan.unread, plan.missing));
  lines.push(...plan.warnings.map((warning) => `note       ${hanging(warning)}`));
  return [...lines, 'Dry run: nothing was written, and no feature was read'];
}

function resumedLine({ inputs, rows, tiles, removed }: DryResumed): string {
  const taken = removed.filter((name) => !inputs.includes(name)).length;
  return (
    `first      An interrupted run would be finished: ${counted(rows, 'row')} of ` +
    `${counted(inputs.length, 'input')}${taken > 0 ? `, ${countText(taken)} removed` : ''}; ` +
    `${counted(tiles, 'tile')}, of which some may be written already`
  );
}

function described({ name, features, bytes }: DryInput): string {
  const size = bytes === null ? '' : `, ${bytesText(bytes)}`;
  return `${name}  ${features === null ? '' : counted(features, 'feature')}${size}`;
}

function readAnew({ inputs }: Pick<DryRun, 'inputs'>): boolean {
  return inputs.some(({ status }) => ['new', 'changed', 'again'].includes(status));
}

function listed(word: string, texts: readonly string[]): string[] {
  const lines = texts.slice(0, LISTED).map((text) => `${word.padEnd(10)} ${text}`);
  const more = texts.length - LISTED;
  return more > 0 ? [...lines, `           and ${countText(more)} more; --json lists all`] : lines;
}

function tileLines({ tiles, inputs, emptied, resumes }: DryRun, place: string): string[] {
  const { total, touched } = tiles;
  const lines: string[] = [];
  const reads = readAnew({ inputs });
  const there = `${countText(touched)} of the ${counted(total, 'tile')} in ${place}`;
  if (emptied) lines.push(`tiles      all ${countText(total)} in ${place} would be removed first`);
  else if (total === 0 && resumes !== null)
    lines.push(`tiles      those of the interrupted run in ${place}`);
  else if (total === 0) lines.push(`tiles      none in ${place} yet`);
  else if (touched > 0)
    lines.push(
      `tiles      at most ${there} would be replaced, or removed if nothing is left in them`,
    );
  else if (reads)
    lines.push(`tiles      ${counted(total, 'tile')} in ${place}, none of which loses features`);
  else lines.push(`tiles      none of the ${counted(total, 'tile')} in ${place} would be touched`);
  if (reads) {
    lines.push(
      '           Which others would be made or added to shows as the inputs are read; ' +
        'tilewright estimate tells about how many',
    );
  }
  return lines;
}
