/** Clusters: features that are connected by pairs. */

/**
 * @param count - of the features, which pairs name by their indices
 * @returns of each feature the number of its cluster, from 1 in the order of their first features; 0 for
 *   one that no pair has
 */
export function clustersOf(
  count: number,
  { preferred, other }: { preferred: Uint32Array; other: Uint32Array },
): Uint32Array {
  // The root of each is its cluster's first feature.
  const parent = new Uint32Array(count);
  for (let i = 0; i < count; i++) parent[i] = i;
  const rootOf = (i: number): number => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]!]!;
      i = parent[i]!;
    }
    return i;
  };
  const isPaired = new Uint8Array(count);
  for (let k = 0; k < preferred.length; k++) {
    isPaired[preferred[k]!] = isPaired[other[k]!] = 1;
    const [a, b] = [rootOf(preferred[k]!), rootOf(other[k]!)];
    if (a < b) parent[b] = a;
    else parent[a] = b;
  }
  const clusters = new Uint32Array(count);
  let last = 0;
  for (let i = 0; i < count; i++) {
    if (isPaired[i] === 0) continue;
    const root = rootOf(i);
    clusters[i] = root === i ? ++last : clusters[root]!;
  }
  return clusters;
}
