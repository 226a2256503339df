/**
 * Checks of what a journal says, before anything is done by it: a text that becomes a part of a path
 * must be one that staging makes. Throws TypeErrors; the journal says which of its rows it was.
 */

import { checkPathStructure, isFolderName } from '../../../tms/tile-path.ts';
import type { Deduplication } from '../../configuration/deduplication.ts';
import type { FoundInput } from '../found-input.ts';
import { isRecordName, isRunId, PRIVATE } from '../staged-folder.ts';
import type { FolderSettings, PendingRun, Reset, StagedInput } from './journal-rows.ts';

export function checkSettings(value: FolderSettings): FolderSettings {
  const { tms, tmsDefinition, z, style, tilePathStructure } = value;
  require(isOwnFolder(tms), `tms is ${JSON.stringify(tms)}`);
  require(style === '' || isOwnFolder(style), `style is ${JSON.stringify(style)}`);
  require(typeof tmsDefinition === 'string', 'tmsDefinition is no text');
  require(Number.isSafeInteger(z), `z is ${z}`);
  require(Array.isArray(tilePathStructure), 'tilePathStructure is no list');
  checkPathStructure(tilePathStructure);
  const { pack } = value;
  require(pack === undefined ||
    (Number.isSafeInteger(pack) && pack >= 1 && pack <= z), `pack is ${pack}`);
  if (value.deduplication !== undefined) checkRules(value.deduplication);
  return value;
}

function checkRules(rules: Deduplication): void {
  const { keepRules, footprintExtensions, splitBy, distanceCrs, footprints, clip } = rules;
  require(['neighbor', 'footprints'].includes(rules.method), `method is ${rules.method}`);
  require(['label', 'remove'].includes(rules.duplicates), `duplicates is ${rules.duplicates}`);
  require(Array.isArray(keepRules) &&
    keepRules.every(
      (rule) => typeof rule?.column === 'string' && ['larger', 'smaller'].includes(rule.keep),
    ), 'keepRules are no rules');
  require(isListOfTexts(footprintExtensions), 'footprintExtensions are no texts');
  for (const text of [splitBy, distanceCrs, footprints, clip]) {
    require(text === null ||
      typeof text === 'string', `a rule has ${JSON.stringify(text)} for a text`);
  }
  for (const number of [rules.overlapTolerance, rules.centroidTolerance]) {
    require(number === null || Number.isFinite(number), `a tolerance is ${number}`);
  }
}

/** Whether it is a folder for tiles, and not the one that is private. */
function isOwnFolder(name: unknown): boolean {
  return typeof name === 'string' && isFolderName(name) && name.toLowerCase() !== PRIVATE;
}

export function checkInput(value: StagedInput): StagedInput {
  const { name, file, path, root, selection, fingerprint, crsOrigin } = value;
  for (const text of [name, file, path, root, selection, fingerprint, crsOrigin]) {
    require(typeof text === 'string', `an input has ${JSON.stringify(text)} for a text`);
  }
  require(value.crs === undefined ||
    typeof value.crs === 'string', `the CRS of ${name} is ${JSON.stringify(value.crs)}`);
  for (const columns of [value.recordColumns, value.columns]) {
    require(Array.isArray(columns) &&
      columns.every(
        (column) => typeof column?.name === 'string',
      ), `the columns of ${name} are no list`);
  }
  require(typeof value.statistics === 'object' &&
    value.statistics !== null, `${name} has no counts`);
  return value;
}

export function checkPending(value: PendingRun): PendingRun {
  require(isRunId(value.runId), `a run is named ${JSON.stringify(value.runId)}`);
  require(isListOfTexts(value.removed), 'removed is no list of names');
  require(Array.isArray(value.inputs), 'a run has no inputs');
  // A run of an earlier version has no records: what it has made is of no use.
  const { records = [] } = value;
  require(isListOfTexts(records) && records.every(isRecordName), 'a run has no list of records');
  const inputs = value.inputs.map((input) => {
    checkInput(input);
    const { slices = [] } = input;
    require(Array.isArray(slices) &&
      slices.every(
        ([record, slice]) =>
          Number.isSafeInteger(slice) &&
          Number.isSafeInteger(record) &&
          records[record] !== undefined,
      ), `the slices of ${input.name} are no list`);
    return { ...input, slices };
  });
  return { ...value, records, inputs };
}

export function checkReset(value: Reset): Reset {
  checkSettings(value.settings);
  checkAgain(value.again);
  return value;
}

export function checkAgain(value: FoundInput[]): FoundInput[] {
  require(Array.isArray(value) &&
    value.every(({ path, name, root }) =>
      isListOfTexts([path, name, root]),
    ), 'the inputs to be staged again are no list');
  return value;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new TypeError(otherwise);
}
