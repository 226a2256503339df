/** The schema: leaves whose paths have a first name in common, one after the other, are a group. */

import { type Leaf, type Meaning, PHYSICAL } from './layout.ts';
import type { ThriftWriter } from './thrift-writer.ts';

const CONVERTED: Record<Meaning, number> = { text: 0, date: 6, datetime: 10 };

/** Writes the field `id`: a list of elements, parents before their children. */
export function writeSchema(out: ThriftWriter, id: number, leaves: readonly Leaf[]): void {
  const roots: Leaf[][] = [];
  for (const leaf of leaves) {
    const last = roots.at(-1);
    const isSame = leaf.path.length > 1 && last?.[0]?.path[0] === leaf.path[0];
    if (isSame) last?.push(leaf);
    else roots.push([leaf]);
  }
  const groups = roots.filter(([leaf]) => leaf!.path.length > 1).length;
  out.list(id, 'struct', 1 + leaves.length + groups);
  writeParent(out, 'schema', roots.length, false);
  for (const group of roots) {
    const [first] = group as [Leaf];
    if (first.path.length > 1) writeParent(out, first.path[0]!, group.length, true);
    for (const leaf of group) writeLeaf(out, leaf);
  }
}

function writeParent(out: ThriftWriter, name: string, children: number, isRequired: boolean): void {
  out.begin();
  if (isRequired) out.i32(3, 0);
  out.text(4, name);
  out.i32(5, children);
  out.end();
}

function writeLeaf(out: ThriftWriter, { path, type, optional, meaning }: Leaf): void {
  out.begin();
  out.i32(1, type);
  out.i32(3, optional ? 1 : 0);
  out.text(4, path.at(-1)!);
  if (meaning !== undefined) {
    out.i32(6, CONVERTED[meaning]);
    out.begin(10);
    writeMeaning(out, meaning, type);
    out.end();
  }
  out.end();
}

/** The LogicalType: a union, of which one field is there. */
function writeMeaning(out: ThriftWriter, meaning: Meaning, type: number): void {
  const field = { text: 1, date: 6, datetime: 8 }[meaning];
  out.begin(field);
  if (type === PHYSICAL.INT64) {
    // In UTC, microseconds.
    out.bool(1, true);
    out.begin(2);
    out.begin(2);
    out.end();
    out.end();
  }
  out.end();
}
