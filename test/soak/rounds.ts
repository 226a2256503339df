/**
 * How often a test repeats what is only worth repeating: a few times in `npm test`, from the seeds that
 * stand in it; more often in `npm run soak`, whose suites are the files that import this one, from
 * other seeds each time.
 */

/** Of a round of the soak; null in `npm test`. */
const SOAK_SEED = process.env['SOAK_SEED'] === undefined ? null : Number(process.env['SOAK_SEED']);

/** Whether this is a round of the soak. */
export const SOAK = SOAK_SEED !== null;

/** @param few - in `npm test`; every kind must be met then, too */
export function rounds(few: number, many: number): number {
  return SOAK_SEED === null ? few : many;
}

/** A seed for random numbers: the given one, or one of the soak's for it. */
export function seedOf(own: number): number {
  // Those that stand in tests are small.
  return SOAK_SEED === null ? own : own + 1_000_000 * (1 + SOAK_SEED);
}
