/** An estimate for people, in lines of at most 80 columns. */

import { printable } from '../../../core/printable.ts';
import { unreadCommands, unreadWords } from '../../../staging/inputs/unread.ts';
import type { Estimate, EstimateRow } from '../estimate-types.ts';
import { aboutRange, duration, number, roughly, size, sizeRange } from './words.ts';

const WIDTH = 80;
const LABEL = 19;
const TIME_COLUMN = 20;
const SPACE_COLUMN = 15;
/** Columns of worker counts that fit beside each other. */
const COLUMNS = 3;

/** An estimate as a table of 80 columns, with what it rests on. */
export function estimateText(estimate: Estimate): string {
  const { rows, warnings, failed, unread } = estimate;
  const given = rows.find(({ kind }) => kind === 'given')!;
  const lines = [
    ...heading(given),
    '',
    ...timeTables(rows),
    '',
    ...spaceTable(rows),
    '',
    ...wrapped(given.why),
    ...others(rows, given),
    ...warnings.flatMap((text) => ['', ...wrapped(`Note: ${text}`)]),
    ...failures(failed),
    ...notRead(unread),
    '',
    ...sampleLines(estimate),
    ...estimate.assumptions.flatMap((text) => wrapped(`- ${text}`, '  ')),
  ];
  return `${lines.join('\n')}\n`;
}

/** Commands are not wrapped: they are to be copied. */
function notRead(unread: Estimate['unread']): string[] {
  if (unread.length === 0) return [];
  const commands = unreadCommands(unread);
  const how = commands.length === 0 ? '.' : '. To read them:';
  const head = wrapped(`Note: ${unreadWords(unread)}${how}`);
  return ['', ...head, ...commands.map((command) => `  ${printable(command)}`)];
}

function heading({ files, inputBytes, features, tiles, packs }: EstimateRow): string[] {
  const what = files === 1 ? '1 file' : `${number(files)} files`;
  const packed = packs === 0 ? '' : ` in ${roughly(packs)} files`;
  return wrapped(
    `${what}, ${size(inputBytes)}, ${number(features)} features: about ${roughly(tiles)} tiles${packed}`,
  );
}

/** One table for each few of the worker counts. */
function timeTables(rows: readonly EstimateRow[]): string[] {
  const counts = rows[0]!.time.map(({ workers }) => workers);
  const lines: string[] = [];
  for (let start = 0; start < counts.length; start += COLUMNS) {
    const some = counts.slice(start, start + COLUMNS);
    const names = some.map((n) => `${n} worker${n === 1 ? '' : 's'}`);
    if (start > 0) lines.push('');
    lines.push(line(start === 0 ? 'time' : '', names, TIME_COLUMN));
    for (const { label, time } of rows) {
      const cells = time.slice(start, start + COLUMNS).map(({ seconds }) => aboutRange(seconds));
      lines.push(line(label, cells, TIME_COLUMN));
    }
  }
  return lines;
}

function spaceTable(rows: readonly EstimateRow[]): string[] {
  const most = rows[0]!.time.at(-1)!.workers;
  const heads = ['tiles', 'at the peak', ...new Set([memoryHead(1), memoryHead(most)])];
  return [
    line('space', heads, SPACE_COLUMN),
    ...rows.map(({ label, disk, time }) => {
      const memory = [time[0]!, time.at(-1)!].map((one) => sizeRange(one.memory));
      const cells = [sizeRange(disk.staged), sizeRange(disk.peak), ...memory];
      return line(label, cells.slice(0, heads.length), SPACE_COLUMN);
    }),
  ];
}

function memoryHead(workers: number): string {
  return `memory, ${workers} w.`;
}

/** The sentence for other numbers of files where the answer differs. */
function others(rows: readonly EstimateRow[], given: EstimateRow): string[] {
  const lines: string[] = [];
  let last = given.usefulWorkers;
  for (const row of rows) {
    if (row.kind !== 'more' || row.usefulWorkers === last) continue;
    last = row.usefulWorkers;
    lines.push(...wrapped(`With ${row.label}: ${row.why.replace(/^More/, 'more')}`));
  }
  return lines;
}

function failures(failed: Estimate['failed']): string[] {
  if (failed.length === 0) return [];
  return ['', ...failed.flatMap(({ error }) => wrapped(`left out: ${error.message}`, '  '))];
}

function sampleLines({ sample, disk, machine }: Estimate): string[] {
  const { slices, filesStaged, filesProbed, features, seconds, strata } = sample;
  const formats = [...Map.groupBy(strata, ({ format }) => format)].map(
    ([format, some]) => `${format} in ${some.length} ${some.length === 1 ? 'size' : 'sizes'}`,
  );
  const speeds = [
    disk.read === null ? '' : `reads ${size(disk.read)} a second`,
    disk.write === null ? '' : `writes ${size(disk.write)} a second`,
  ].filter((text) => text !== '');
  const speed = speeds.length === 0 ? '' : `; the disk ${speeds.join(' and ')}`;
  return wrapped(
    `From ${number(slices)} slices of ${number(filesStaged)} files (${formats.join(', ')}; ` +
      `${number(features)} features), staged in ${duration(seconds)} with ${machine.usableCores} ` +
      `cores, and looks into ${number(filesProbed)} files${speed}. It takes for granted:`,
  );
}

function line(label: string, cells: readonly string[], width: number): string {
  const text = label.padEnd(LABEL) + cells.map((cell) => cell.padStart(width)).join('');
  return text.trimEnd();
}

function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of printable(text).split(' ')) {
    if (current !== '' && current.length + 1 + word.length > WIDTH) {
      lines.push(current);
      current = indent + word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current];
}
