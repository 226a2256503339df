/** Where the features of an input's slices are: a hint, which nothing but the order of work depends on. */

import { isInputUrl } from '../../formats/remote/input-url.ts';
import { SAMPLES } from '../../formats/sampled-extent.ts';
import type { LayerInfo, Slice, VectorSource } from '../../formats/source.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';

/**
 * One process looks at all of a run's inputs, and at a server of files each feature takes a millisecond. So
 * few do for a run of more inputs: with 8, a tenth of rows is spilled that otherwise would not be. Behind a URL each
 * takes a request, of which 64 for a slice would bring a sixth of the input beforehand.
 */
const MANY_INPUTS = 500;
const FEW_SAMPLES = 8;

/** Features of each slice that are looked at. @param inputs - of the run */
export function samplesFor(inputs: number, path = ''): number {
  return inputs > MANY_INPUTS || isInputUrl(path) ? FEW_SAMPLES : SAMPLES;
}

/**
 * The extent of each slice in the layer's CRS, or null where nobody knows. Of a layer that is one slice it is
 * the layer's, as that costs nothing; elsewhere the format looks at a few features. Throws nothing: what is
 * wrong with an input shows when it is read.
 * @param inputs - of the run
 */
export async function sliceExtents(
  source: VectorSource,
  layer: LayerInfo,
  slices: readonly Slice[],
  inputs = 1,
): Promise<(Bounds | null)[]> {
  const whole = believable(layer.extent, layer.featureCount);
  const none = slices.map(() => whole);
  if (source.extents === undefined || (slices.length === 1 && whole !== null)) return none;
  try {
    const extents = await source.extents(layer.name, slices, samplesFor(inputs, source.path));
    return slices.map((_, i) => believable(extents[i], 1) ?? whole);
  } catch {
    // The task that reads the slice meets the same, and says so.
    return none;
  }
}

/** Null if it can't be an extent. Writers that do not know it leave zeros, which are one point. */
function believable(extent: Bounds | null | undefined, features: number): Bounds | null {
  if (extent == null || extent.length !== 4) return null;
  const width = extent[2] - extent[0];
  const height = extent[3] - extent[1];
  // Written so that NaN and infinities are none.
  if (!(width >= 0 && width < Infinity && height >= 0 && height < Infinity)) return null;
  return features > 1 && width === 0 && height === 0 ? null : extent;
}
