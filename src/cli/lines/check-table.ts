/** The report of a check, for people: what is worst comes first, and little is told of many inputs. */

import { countDropped } from '../../core/drops.ts';
import { table } from '../../insight/report/terminal/text-table.ts';
import { counted, countText } from '../../insight/units.ts';
import type {
  CheckedColumn,
  CheckedInput,
  CheckResult,
  CrsOrigin,
} from '../../staging/check/check-result.ts';
import { dropLines, droppedWords, noteLines } from './result-lines.ts';
import { invalidWords, validityLines } from './validity-lines.ts';

/** Inputs, CRSs and columns that are listed. */
const LISTED = 20;

type Readable = Exclude<CheckedInput, { status: 'failed' }>;

/** @param mode - what is to become of invalid geometries */
export function checkLines(result: CheckResult, width: number, mode: string): string[] {
  const readable = result.inputs.filter((input) => input.status !== 'failed');
  return [
    ...inputTable(readable, width),
    ...countLines(result),
    ...dropLines(result, readable),
    ...validityLines(result, readable, mode),
    ...(readable.length > LISTED ? crsLines(readable) : []),
    ...columnLines(result.columns, readable.length),
    ...overlapLines(result),
    ...noteLines(result),
  ];
}

function inputTable(inputs: readonly Readable[], width: number): string[] {
  if (inputs.length === 0) return [];
  const worst = inputs.toSorted(
    (a, b) => badness(b) - badness(a) || invalidOf(b) - invalidOf(a) || (a.name < b.name ? -1 : 1),
  );
  const rows = worst
    .slice(0, LISTED)
    .map((input) => [
      input.status,
      input.name,
      `${input.format} ${input.geometryType}`,
      countText(input.rowsRead),
      countText(countDropped(input.drops)),
      input.validity === undefined ? '–' : countText(invalidOf(input)),
      crsText(input),
      accuracyText(input),
    ]);
  const lines = table(
    [
      { title: '' },
      { title: 'input', shrinks: 'middle' },
      { title: 'kind', shrinks: 'end' },
      { title: 'features', align: 'right' },
      { title: 'dropped', align: 'right' },
      { title: 'invalid', align: 'right' },
      { title: 'CRS', shrinks: 'end' },
      { title: 'accuracy' },
    ],
    rows,
    width,
  );
  const more = inputs.length - LISTED;
  if (more > 0) lines.push(`… and ${countText(more)} that are no worse; --json lists all`);
  return lines;
}

/** The part of its features that would be dropped; none at all is between that and nothing dropped. */
function badness({ status, drops, rowsRead }: Readable): number {
  if (status === 'empty') return 1e-12;
  return rowsRead === 0 ? 0 : countDropped(drops) / rowsRead;
}

function invalidOf({ validity }: Readable): number {
  return validity?.features['invalid']?.count ?? 0;
}

const ORIGINS: Readonly<Record<CrsOrigin, string>> = {
  file: '',
  sidecar: ', beside it',
  inputCrs: ', --input-crs',
  overrideCrs: ', --override-crs',
};

function crsText({ crs }: Readable): string {
  return crs === null ? '–' : `${crs.id ?? crs.name}${ORIGINS[crs.origin]}`;
}

/** Of the way from its datum to that of the tiles. */
function accuracyText({ operation }: Readable): string {
  if (operation === undefined) return '–';
  const { kind, accuracy, inside } = operation;
  if (kind === 'same') return 'same datum';
  if (kind === 'ballpark' || accuracy === null) return 'not known';
  return `${inside ? '' : '> '}${accuracy} m`;
}

function countLines(result: CheckResult): string[] {
  const { inputs, missing, featuresRead, featuresStaged, rows, seconds, tms, z } = result;
  const count = (status: CheckedInput['status']): number =>
    inputs.filter((input) => input.status === status).length;
  const words = [
    [count('fine'), 'fine'],
    [count('partly'), 'of which features would be dropped'],
    [count('empty'), 'without features'],
    [count('failed'), 'that would fail'],
    [missing.length, 'not there, or no inputs'],
  ] as const;
  const told = words.filter(([n]) => n > 0).map(([n, what]) => `${countText(n)} ${what}`);
  const rate = Math.round(featuresRead / seconds);
  return [
    `inputs     ${told.join(', ')}`,
    `features   ${countText(featuresRead)} read in ${seconds.toFixed(1)} s (${countText(rate)} a second), ` +
      `${countText(featuresStaged)} would be staged${droppedWords(result)}${invalidWords(result)}`,
    `rows       ${countText(rows)} in tiles of ${tms} at z ${z}`,
  ];
}

/** How many inputs have which CRS. */
function crsLines(inputs: readonly Readable[]): string[] {
  const kinds = Map.groupBy(inputs, (input) => {
    const { operation } = input;
    const by = operation === undefined || operation.kind === 'same' ? '' : ` by ${operation.name}`;
    return `${crsText(input)}: ${accuracyText(input)}${by}`;
  });
  const sorted = [...kinds].sort(([, a], [, b]) => b.length - a.length);
  return limited(
    sorted.map(
      ([kind, its]) =>
        `CRS        ${counted(its.length, 'input')}, such as ${its[0]!.name}: ${kind}`,
    ),
  );
}

function columnLines(columns: readonly CheckedColumn[], inputs: number): string[] {
  const clashing = columns.filter(({ clashes }) => clashes);
  const lines = clashing.map(({ name, type, needs }) => {
    const each = needs.map(
      ({ type: own, inputs: n, example }) => `${own} in ${counted(n, 'input')} (${example})`,
    );
    return `column     ${name}: ${each.join(', ')}; ${type} in tiles that they share`;
  });
  const some = columns.filter(
    ({ needs }) => needs.reduce((sum, need) => sum + need.inputs, 0) < inputs,
  );
  if (some.length > 0) {
    const names = some.slice(0, 5).map(({ name }) => name);
    const more = some.length > names.length ? `, … (${countText(some.length)})` : '';
    lines.push(`column     not in all inputs: ${names.join(', ')}${more}`);
  }
  return limited(lines);
}

function overlapLines({ overlaps }: CheckResult): string[] {
  if (overlaps === undefined) return [];
  const { pairs, duplicates } = overlaps;
  return [
    `overlaps   ${counted(pairs, 'pair')} of features of different inputs; ${counted(duplicates, 'feature')} would be duplicates`,
  ];
}

function limited(lines: string[]): string[] {
  const more = lines.length - LISTED;
  if (more <= 0) return lines;
  return [...lines.slice(0, LISTED), `           and ${countText(more)} more; --json lists all`];
}
