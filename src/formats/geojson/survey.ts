/** One pass over a whole file: what its columns are, how many features it has, and from where it can be read. */

import type { Column } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { CrsReference } from '../../crs/reference.ts';
import type { LayerInfo } from '../source.ts';
import { ColumnSurvey } from './column-survey.ts';
import { crsOf, DEFAULT_CRS } from './crs.ts';
import { type FeatureVisitor, FeatureWalk } from './feature-walk.ts';
import { type JsonCursor, NULL } from './json-cursor.ts';
import { textOf } from './members.ts';
import { PropertyKeys } from './property-keys.ts';
import { skimGeometry } from './skim.ts';
import { SplitPlaces } from './split-places.ts';
import { TextBuffer } from './text.ts';

/** Columns that a layer may have: more would be keys that are values. */
const MOST_COLUMNS = 20_000;
const SHOWN = 10;
const ID = 'id';

/** What tasks get of a file, as JSON. */
export interface GeoJsonLayer extends LayerInfo {
  /** Keys of properties, in the order of the columns, which begin with that of `id` if it is one. */
  keys: string[];
  hasIdColumn: boolean;
  /** See SplitPlaces. */
  places: number[];
}

/**
 * @param keepPrimaryKey - whether numbers in `id` are a column
 * @throws TilewrightError for a file that is not whole or no GeoJSON
 */
export function surveyFile(
  cursor: JsonCursor,
  name: string,
  bytes: number,
  keepPrimaryKey: boolean,
): GeoJsonLayer {
  const survey = new Survey(cursor.path);
  const places = new SplitPlaces();
  const walk = new FeatureWalk(cursor);
  while (walk.next(survey)) {
    survey.endFeature();
    places.add(walk);
  }
  if (walk.record === 0 && !walk.hasText) {
    throw new TilewrightError('input-empty', `${cursor.path} holds no GeoJSON`, {
      input: cursor.path,
    });
  }
  const { idColumn, key, notes, columns, crs } = survey.result(keepPrimaryKey);
  return {
    name,
    geometryType: survey.geometryTypes(),
    featureCount: walk.record,
    columns,
    key,
    crs,
    extent: null,
    bytes,
    notes,
    keys: survey.keys(),
    hasIdColumn: idColumn,
    places: places.toJSON(),
  };
}

class Survey implements FeatureVisitor {
  readonly #path: string;
  readonly #keys = new PropertyKeys();
  readonly #columns: ColumnSurvey[] = [];
  readonly #ids = new ColumnSurvey();
  readonly #types = new Set<string>();
  readonly #foreign = new Set<string>();
  readonly #text = new TextBuffer();
  #hasIds = false;
  #column = 0;
  #type = '';
  #crs: CrsReference | null | undefined;
  #crsText = '';

  constructor(path: string) {
    this.#path = path;
  }

  begin(): void {
    this.#keys.restart();
    this.#type = '';
  }

  endFeature(): void {
    if (this.#type !== '') this.#types.add(this.#type);
  }

  geometry(cursor: JsonCursor): void {
    this.#type = skimGeometry(cursor);
  }

  key(cursor: JsonCursor, escaped: boolean): void {
    const text = this.#text;
    let [bytes, start, end]: [Uint8Array, number, number] = [
      cursor.bytes,
      cursor.textStart,
      cursor.textEnd,
    ];
    if (escaped) {
      text.unescape(bytes, start, end);
      [bytes, start, end] = [text.bytes, 0, text.length];
    }
    const known = this.#keys.find(bytes, start, end);
    this.#column = known >= 0 ? known : this.#keys.add(bytes, start, end);
    if (known >= 0) return;
    this.#columns.push(new ColumnSurvey());
    if (this.#columns.length <= MOST_COLUMNS) return;
    throw new TilewrightError(
      'input-columns',
      `${this.#path} has properties of more than ${MOST_COLUMNS.toLocaleString('en')} names, which can't be columns. ` +
        'Are the names values? Put these into one property',
      { input: this.#path },
    );
  }

  property(cursor: JsonCursor, kind: number): void {
    this.#columns[this.#column]!.add(cursor, kind);
  }

  id(cursor: JsonCursor, kind: number): void {
    if (kind !== NULL) this.#hasIds = true;
    this.#ids.add(cursor, kind);
  }

  crs(cursor: JsonCursor): void {
    const text = cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd);
    if (text === this.#crsText) return;
    const crs = crsOf(parsed(text));
    if (this.#crs !== undefined && JSON.stringify(crs) !== JSON.stringify(this.#crs)) {
      throw new TilewrightError(
        'input-format',
        `${this.#path} says that it is in two CRSs, which is not read: ${this.#crsText} and ${text}. Divide it`,
        { input: this.#path },
      );
    }
    this.#crsText = text;
    this.#crs = crs;
  }

  foreign(cursor: JsonCursor): void {
    if (this.#foreign.size <= SHOWN) this.#foreign.add(textOf(cursor));
  }

  geometryTypes(): string {
    return [...this.#types].sort().slice(0, SHOWN).join(', ') || 'none';
  }

  keys(): string[] {
    return Array.from({ length: this.#keys.count }, (_, i) => this.#keys.name(i));
  }

  result(keepPrimaryKey: boolean): Pick<LayerInfo, 'columns' | 'key' | 'crs'> & {
    idColumn: boolean;
    notes: string[];
  } {
    const columns = this.#columns.map(
      (survey, i): Column => ({ name: this.#keys.name(i), type: survey.type }),
    );
    const notes: string[] = [];
    const huge = columns.filter((_, i) => this.#columns[i]!.isHuge).map(({ name }) => name);
    if (huge.length > 0)
      notes.push(`integers that 64 bits do not hold are read as reals: ${list(huge)}`);
    const isTaken = columns.some(({ name }) => name.toLowerCase() === ID);
    const isKey = this.#ids.type === 'integer' && !keepPrimaryKey;
    const idColumn = this.#hasIds && !isTaken && !isKey;
    if (this.#hasIds && isTaken)
      notes.push('the features’ own `id` is not read: they have a property of this name');
    if (idColumn) columns.unshift({ name: ID, type: this.#ids.type });
    if (this.#foreign.size > 0)
      notes.push(`members that are not read: ${list([...this.#foreign])}`);
    makeUnique(columns);
    const key = this.#hasIds && !isTaken && isKey ? ID : null;
    const crs = this.#crs === undefined ? DEFAULT_CRS : this.#crs;
    return { columns, key, crs, idColumn, notes };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // NaN somewhere in it.
    return text;
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > SHOWN ? ', …' : '');
}

/** Names that differ in the case of letters alone are one to SQL. */
function makeUnique(columns: Column[]): void {
  const taken = new Set<string>();
  for (const [i, column] of columns.entries()) {
    const name = column.name === '' ? `field_${i + 1}` : column.name;
    column.name = name;
    for (let n = 1; taken.has(column.name.toLowerCase()); n++) column.name = `${name}_${n}`;
    taken.add(column.name.toLowerCase());
  }
}
