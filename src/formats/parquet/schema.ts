/** The tree of a Parquet schema, and its leaves: the columns that are stored. */

import { ParquetFault } from './fault.ts';
import {
  type LogicalType,
  OPTIONAL,
  type PhysicalType,
  REPEATED,
  type SchemaElement,
} from './metadata.ts';

/** Fields within each other. */
const MAX_DEPTH = 64;

export interface SchemaNode {
  name: string;
  /** Names from the root's child down to this one. */
  path: string[];
  /** 0 REQUIRED, 1 OPTIONAL, 2 REPEATED */
  repetition: number;
  logical: LogicalType | null;
  children: SchemaNode[];
  /** Levels of a value that is there, with all above it. */
  maxDefinition: number;
  maxRepetition: number;
  /** Null for a group. */
  leaf: Leaf | null;
}

export interface Leaf {
  /** Of the column in each row group. */
  index: number;
  /** Names joined by points. */
  name: string;
  node: SchemaNode;
  type: PhysicalType;
  /** Bytes of a value, where all have as many: INT96 and FIXED_LEN_BYTE_ARRAY; else 0. */
  length: number;
  maxDefinition: number;
  maxRepetition: number;
}

export interface Schema {
  /** Children of the root. */
  fields: SchemaNode[];
  leaves: Leaf[];
}

/** @throws ParquetFault for a list that is no tree */
export function schemaOf(elements: readonly SchemaElement[]): Schema {
  const leaves: Leaf[] = [];
  let at = 0;
  const take = (parent: SchemaNode | null, depth: number): SchemaNode => {
    const element = elements[at++];
    if (element === undefined || depth > MAX_DEPTH) throw new ParquetFault('has a damaged schema');
    const { name, repetition, logical, type, length, children } = element;
    const isRoot = parent === null;
    const node: SchemaNode = {
      ...{ name, repetition, logical, children: [], leaf: null },
      path: isRoot ? [] : [...parent.path, name],
      maxDefinition: isRoot ? 0 : parent.maxDefinition + (repetition >= OPTIONAL ? 1 : 0),
      maxRepetition: isRoot ? 0 : parent.maxRepetition + (repetition === REPEATED ? 1 : 0),
    };
    if (type !== null) {
      if (isRoot) throw new ParquetFault('has a damaged schema');
      const { maxDefinition, maxRepetition } = node;
      const bytes = type === 'INT96' ? 12 : type === 'FIXED_LEN_BYTE_ARRAY' ? length : 0;
      node.leaf = {
        ...{ index: leaves.length, name: node.path.join('.'), node, type, length: bytes },
        ...{ maxDefinition, maxRepetition },
      };
      leaves.push(node.leaf);
      return node;
    }
    if (!(children >= 0 && children <= elements.length - at)) {
      throw new ParquetFault('has a damaged schema');
    }
    for (let i = 0; i < children; i++) node.children.push(take(node, depth + 1));
    return node;
  };
  const root = take(null, 0);
  if (at !== elements.length) throw new ParquetFault('has a damaged schema');
  return { fields: root.children, leaves };
}

/** The leaves below a node, itself if it is one. */
export function leavesBelow(node: SchemaNode): Leaf[] {
  return node.leaf === null ? node.children.flatMap(leavesBelow) : [node.leaf];
}
