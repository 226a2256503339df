/** What footprints say of features, by the definition alone: with areas of what all have in common. */

import { commonArea, Shape } from './brute-area.ts';
import { comparePreference, type JudgedFeature, type JudgeRules } from './brute-judge.ts';

export interface FootprintRules extends Pick<JudgeRules, 'keepRules'> {
  /** Holds between a feature and its footprint, or the feature goes; null: not asked. */
  clip: 'intersects' | 'within' | 'contains' | 'covers' | 'overlaps' | 'crosses' | 'touches' | null;
}

/**
 * For each feature, whether it goes, and how far the closest measure is from where it would count
 * otherwise. Where shapes touch alone, that is 0.
 * @param footprints - by input; an input that has none keeps its features
 */
export function judgeByFootprints(
  features: readonly JudgedFeature[],
  footprints: ReadonlyMap<string, JudgedFeature>,
  { keepRules, clip }: FootprintRules,
): { goes: boolean[]; margin: number } {
  let margin = Number.POSITIVE_INFINITY;
  const shapes = new Map([...footprints].map(([name, one]) => [name, new Shape(one.polygons)]));
  const isMore = (measure: number): boolean => {
    margin = Math.min(margin, Math.abs(measure));
    return measure > 0;
  };
  const meets = (feature: Shape, others: readonly Shape[]): boolean => {
    if (others.some((one) => !feature.meetsBoxOf(one))) return false;
    const part = commonArea([feature, ...others]) / feature.area;
    // Of rounding alone, or of something.
    return Math.abs(part) > 1e-12 && isMore(part);
  };
  const goes = features.map((feature) => {
    const footprint = footprints.get(feature.input);
    if (footprint === undefined) return false;
    const [shape, own] = [new Shape(feature.polygons), shapes.get(feature.input)!];
    const better = [...footprints.values()].filter((other) => {
      return other !== footprint && comparePreference(other, footprint, { keepRules }) < 0;
    });
    if (better.some(({ input }) => meets(shape, [own, shapes.get(input)!]))) return true;
    if (clip === null) return false;
    const isMet = meets(shape, [own]);
    const common = isMet ? commonArea([shape, own]) : 0;
    const isLess = (whole: number): boolean => {
      const rest = 1 - common / whole;
      return Math.abs(rest) > 1e-11 && isMore(rest);
    };
    // Of two areas, neither `crosses` nor, but for the ones that touch alone, `touches` ever holds.
    const holds = {
      intersects: () => isMet,
      within: () => isMet && !isLess(shape.area),
      contains: () => isMet && !isLess(own.area),
      covers: () => isMet && !isLess(own.area),
      overlaps: () => isMet && isLess(shape.area) && isLess(own.area),
      crosses: () => false,
      touches: () => false,
    };
    return !holds[clip]();
  });
  return { goes, margin };
}
