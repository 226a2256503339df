/** The selection that a configuration asks for. */

import { toTilewrightError } from '../../core/errors.ts';
import { cyclicX } from '../../crs/transform.ts';
import { parseWhere } from '../../formats/selection/parse.ts';
import { BBOX_CRS, type Selection } from '../../formats/selection/selection.ts';
import type { ConfigValues } from './config-schema.ts';
import { crsOption } from './crs-option.ts';

type Asked = Pick<ConfigValues, 'where' | 'bbox' | 'bboxCrs' | 'columns' | 'dropColumns'>;

/** Null where all is staged. Names are in an order of their own: that of the columns is the inputs'. */
export function selectionOf(values: Asked): Selection | null {
  const { where, bbox, bboxCrs } = values;
  const [columns, dropColumns] = [values.columns, values.dropColumns].map(
    (names) => names && [...new Set(names)].sort(),
  );
  const entries = Object.entries({ where, bbox, bboxCrs, columns, dropColumns });
  const asked = entries.filter(([, value]) => value != null);
  return asked.length === 0 ? null : Object.fromEntries(asked);
}

/** What is wrong with it, in sentences. @param written - the key that an option was written under */
export function selectionProblems(
  { where, bbox, bboxCrs, columns, dropColumns }: Asked,
  written: (key: keyof Asked) => string | undefined,
): string[] {
  const problems: string[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      problems.push(toTilewrightError(error).message);
    }
  };
  if (where !== null) attempt(() => parseWhere(where));
  const both = columns?.filter((name) => dropColumns?.includes(name)) ?? [];
  if (both.length > 0) problems.push(`columns and dropColumns both have ${both.join(', ')}.`);
  if (bbox === null) {
    if (bboxCrs !== null) problems.push(`${written('bboxCrs')}: there is no bbox.`);
    return problems;
  }
  const [west, south, east, north] = bbox;
  if (south > north) problems.push(`bbox has its south, ${south}, north of its north, ${north}.`);
  attempt(() => {
    const crs = crsOption(bboxCrs ?? BBOX_CRS, written('bboxCrs') ?? 'bboxCrs');
    if (west <= east || cyclicX(crs) !== null) return;
    problems.push(
      `bbox has its west, ${west}, east of its east, ${east}, which goes round the Earth in no CRS like ${crs.name}.`,
    );
  });
  return problems;
}
