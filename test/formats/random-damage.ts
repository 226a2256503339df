/** Random damage to the bytes of a database: what disks, transfers and editors do, and worse. */

import type { Random } from '../../src/core/random.ts';
import { pick } from './sqlite/random-database.ts';

/** Changes the copy of a file's bytes; what is returned may be shorter. */
export function damage(bytes: Buffer, pageSize: number, random: Random): Buffer {
  const pages = Math.floor(bytes.length / pageSize);
  const page = (): number => random.integer(pages) * pageSize;
  /** Where the header of a page's b-tree is. */
  const header = (start: number): number => start + (start === 0 ? 100 : 0);
  const trees = Array.from({ length: pages }, (_, i) => header(i * pageSize)).filter((at) =>
    [2, 5, 10, 13].includes(bytes[at]!),
  );
  const tree = (): number => pick(random, trees);
  const anyByte = (at: number): void => {
    bytes[at] =
      random.integer(2) === 0 ? bytes[at]! ^ (1 << random.integer(8)) : random.integer(256);
  };
  switch (random.integer(11)) {
    case 0:
      for (let n = 1 + random.integer(6); n > 0; n--) anyByte(random.integer(bytes.length));
      break;
    case 1: {
      // The head of a tree's page: kind, free blocks, count, content, fragments, child.
      anyByte(tree() + random.integer(12));
      break;
    }
    case 2: {
      // A cell pointer.
      const at = tree();
      const cells = Math.max(1, bytes.readUInt16BE(at + 3));
      anyByte(at + (bytes[at]! < 8 ? 12 : 8) + random.integer(2 * cells));
      break;
    }
    case 3: {
      // The first bytes of a cell: child, length, rowid, header.
      const at = tree();
      const cells = bytes.readUInt16BE(at + 3);
      const start = at - (at === 100 ? 100 : 0);
      if (cells === 0) break;
      const pointer = at + (bytes[at]! < 8 ? 12 : 8) + 2 * random.integer(cells);
      const cell = start + (bytes.readUInt16BE(pointer) % pageSize);
      anyByte(Math.min(bytes.length - 1, cell + random.integer(9)));
      break;
    }
    case 4:
      bytes.fill(pick(random, [0, 255]), page() + random.integer(2) * 100, page() + pageSize);
      break;
    case 5:
      bytes.copyWithin(page(), page(), page() + pageSize);
      break;
    case 6:
      return bytes.subarray(0, pick(random, [page(), random.integer(bytes.length)]));
    case 7: {
      // A right-most child or a child of a cell that leads elsewhere.
      const inner = trees.filter((at) => bytes[at] === 5);
      if (inner.length > 0) bytes.writeUInt32BE(1 + random.integer(pages), pick(random, inner) + 8);
      break;
    }
    case 8:
      anyByte(random.integer(100));
      break;
    case 9:
      // The list of free pages, and how many these are.
      bytes.writeUInt32BE(random.integer(pages + 2), 32 + 4 * random.integer(2));
      break;
    default: {
      // Two cells of a page in the other order, or one of them twice.
      const at = tree();
      const cells = bytes.readUInt16BE(at + 3);
      if (cells < 2) break;
      const first = at + (bytes[at]! < 8 ? 12 : 8) + 2 * random.integer(cells - 1);
      const [a, b] = [bytes.readUInt16BE(first), bytes.readUInt16BE(first + 2)];
      bytes.writeUInt16BE(b, first);
      if (random.integer(2) === 0) bytes.writeUInt16BE(a, first + 2);
    }
  }
  return bytes;
}
