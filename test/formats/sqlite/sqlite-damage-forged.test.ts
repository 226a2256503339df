import assert from 'node:assert/strict';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { varintLength, writeVarint } from '../../../src/formats/sqlite/varint.ts';
import { outcomeOf, PAGE, walk, writeSound } from './sqlite-damage-fixture.ts';
import { temporaryFolder } from './sqlite-fixture.ts';

/** A database of pages that a test fills by hand; page 1 is a header. */
class Forged {
  readonly bytes: Buffer;

  constructor(pages: number) {
    this.bytes = Buffer.alloc(pages * PAGE);
    this.bytes.write('SQLite format 3\0');
    this.bytes.writeUInt16BE(PAGE, 16);
    this.bytes.set([1, 1, 0, 64, 32, 32], 18);
    this.bytes.writeUInt32BE(1, 56);
  }

  page(number: number): Buffer {
    return this.bytes.subarray((number - 1) * PAGE, number * PAGE);
  }

  /** A leaf of one cell: payload length, rowid, then as it comes; what is left is a free block. */
  leaf(
    number: number,
    length: bigint,
    rest: (page: Buffer, at: number) => void = () => undefined,
    rowid = 1,
  ) {
    const page = this.page(number);
    page[0] = 13;
    page.writeUInt16BE(1, 3);
    page.writeUInt16BE(20, 5);
    page.writeUInt16BE(20, 8);
    for (let i = 0; i < 8; i++) page[20 + i] = 0x80 | Number((length >> BigInt(57 - 7 * i)) & 127n);
    page[28] = Number(length & 255n);
    page[29] = rowid;
    rest(page, 30);
    const local = length <= 477n ? Math.max(0, Number(BigInt.asIntN(64, length))) : LOCAL + 4;
    const end = 30 + local;
    if (PAGE - end < 4) page[7] = PAGE - end;
    else {
      page.writeUInt16BE(end, 1);
      page.writeUInt32BE(PAGE - end, end);
    }
    return this;
  }

  /** An interior page of these children, the last to the right. */
  interior(number: number, children: number[], keys = children.map((_, i) => i + 1)) {
    const page = this.page(number);
    page[0] = 5;
    page.writeUInt16BE(children.length - 1, 3);
    page.writeUInt32BE(children.at(-1)!, 8);
    let at = PAGE;
    for (let i = 0; i < children.length - 1; i++) {
      at -= 4 + varintLength(keys[i]!);
      page.writeUInt16BE(at, 12 + 2 * i);
      page.writeUInt32BE(children[i]!, at);
      writeVarint(page, at + 4, keys[i]!);
    }
    page.writeUInt16BE(at, 5);
    return this;
  }

  write(path: string): string {
    writeFileSync(path, this.bytes);
    return path;
  }
}

test('payload lengths that no record has', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const lengths = [2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, -1n];
  lengths.push(-480n, -(2n ** 63n), 477n, 10n * BigInt(PAGE) + 1n);
  for (const length of lengths) {
    const outcome = walk(new Forged(10).leaf(2, BigInt.asUintN(64, length)).write(path), 2);
    assert.equal(outcomeOf(outcome), length === 477n ? 'rows' : 'input-corrupt', `${length}`);
  }
});

/** Bytes of a record of 4,000 bytes that lie on its leaf; its overflow pointer follows. */
const LOCAL = 444;

test('overflow chains in a circle, out of the file, too short, through other pages', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const chain = (links: [number, number][], first = 3): string => {
    const forged = new Forged(12).leaf(2, 4000n, (page, at) =>
      page.writeUInt32BE(first, at + LOCAL),
    );
    for (const [page, next] of links) forged.page(page).writeUInt32BE(next, 0);
    return outcomeOf(walk(forged.write(path), 2));
  };
  const straight: [number, number][] = [3, 4, 5, 6, 7, 8].map((page) => [page, page + 1]);
  assert.equal(chain(straight), 'rows');
  assert.equal(chain([[3, 3]]), 'input-corrupt', 'to itself');
  assert.equal(
    chain([
      [3, 4],
      [4, 3],
    ]),
    'input-corrupt',
    'two pages',
  );
  assert.equal(
    chain([
      [3, 4],
      [4, 5],
      [5, 4],
    ]),
    'input-corrupt',
    'a tail and a circle',
  );
  assert.equal(
    chain([
      [3, 4],
      [4, 5],
      [5, 6],
      [6, 3],
    ]),
    'input-corrupt',
    'four pages',
  );
  assert.equal(
    chain([
      [3, 4],
      [4, 0],
    ]),
    'input-corrupt',
    'too short',
  );
  assert.equal(
    chain([
      [3, 4],
      [4, 13],
    ]),
    'input-corrupt',
    'past the end',
  );
  assert.equal(chain([[3, 2 ** 32 - 1]]), 'input-corrupt', 'far past the end');
  assert.equal(chain([], 0), 'input-corrupt', 'none');
  assert.equal(chain([[3, 2]]), 'input-corrupt', 'through the leaf, whose first bytes are no page');
});

test('a file of 4 GiB with forged lengths: the memory is that of the pages that are there', (t) => {
  const path = join(temporaryFolder(t), 'sparse.db');
  for (const loop of [false, true]) {
    const forged = new Forged(4).leaf(2, 4_000_000_000n, (page, at) => {
      for (let i = at; i < PAGE - 4; i++) page.writeUInt32BE(3, i);
    });
    forged.page(3).writeUInt32BE(loop ? 3 : 0, 0);
    const fd = openSync(path, 'w');
    writeSync(fd, forged.bytes);
    ftruncateSync(fd, 2 ** 32);
    closeSync(fd);
    const before = process.memoryUsage().arrayBuffers;
    assert.equal(outcomeOf(walk(path, 2)), 'input-corrupt');
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 << 20);
  }
});

test('interior pages in circles, without end, used many times', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const sound = new Forged(6).interior(2, [3, 4]).leaf(3, 2n).leaf(4, 2n, undefined, 2);
  assert.equal(outcomeOf(walk(sound.write(path), 2)), 'rows');
  const circles: [string, Forged][] = [
    ['to itself', new Forged(6).interior(2, [2, 2])],
    ['to itself on the right', new Forged(6).interior(2, [3, 2]).leaf(3, 2n)],
    ['two pages', new Forged(6).interior(2, [3, 4]).interior(3, [2, 4]).leaf(4, 2n)],
    ['back to the root', new Forged(6).interior(2, [3, 4]).leaf(3, 2n).interior(4, [3, 2])],
    ['one leaf forty times', new Forged(6).interior(2, Array(40).fill(3)).leaf(3, 2n)],
    ['page 0', new Forged(6).interior(2, [0, 3]).leaf(3, 2n)],
    ['past the end', new Forged(6).interior(2, [7, 3]).leaf(3, 2n)],
    ['an overflow page', new Forged(6).interior(2, [5, 3]).leaf(3, 2n)],
  ];
  const deep = new Forged(60);
  for (let page = 2; page < 59; page++) deep.interior(page, [page + 1, page + 1]);
  circles.push(['57 levels', deep.leaf(59, 2n)]);
  // Every level doubles the paths: 2^18 of them through 20 pages.
  const fan = new Forged(24);
  for (let page = 2; page < 20; page++) fan.interior(page, [page + 1, page + 1]);
  circles.push(['2^18 paths', fan.leaf(20, 2n)]);
  for (const [name, forged] of circles) {
    for (const start of [Number.NEGATIVE_INFINITY, 1, 2, Number.POSITIVE_INFINITY]) {
      const outcome = walk(forged.write(path), 2, start);
      if (start < 0) assert.equal(outcomeOf(outcome), 'input-corrupt', name);
    }
  }
});

test('cells outside their page, and more cells than a page has room for', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  for (const pointer of [0, 7, 505, 510, 511, 512, 600, 0x7fff, 0xffff]) {
    const leaf = new Forged(6).leaf(2, 2n);
    leaf.page(2).writeUInt16BE(pointer, 8);
    walk(leaf.write(path), 2);
    const interior = new Forged(6).interior(2, [3, 4]).leaf(3, 2n).leaf(4, 2n);
    interior.page(2).writeUInt16BE(pointer, 12);
    const outcome = walk(interior.write(path), 2);
    assert.equal(outcomeOf(outcome), 'input-corrupt', `interior cell at ${pointer}`);
  }
  for (const cells of [253, 1000, 0xffff]) {
    for (const forged of [new Forged(6).leaf(2, 2n), new Forged(6).interior(2, [3, 4])]) {
      forged.page(2).writeUInt16BE(cells, 3);
      assert.equal(outcomeOf(walk(forged.write(path), 2)), 'input-corrupt', `${cells} cells`);
    }
  }
  const root = new Forged(6);
  for (const wrong of [-1, 0, 1.5, 7, 2 ** 31, Number.NaN]) {
    assert.equal(outcomeOf(walk(root.write(path), wrong)), 'input-corrupt', `root ${wrong}`);
  }
});

test('a row whose number is out of order is damage, not the end of a slice', (t) => {
  const folder = temporaryFolder(t);
  const sound = join(folder, 'sound.db');
  const { root } = writeSound(sound);
  const bytes = readFileSync(sound);
  const damaged = join(folder, 'damaged.db');
  let tried = 0;
  for (let page = 0; page < bytes.length; page += PAGE) {
    // Leaves of the table: its rows have two-byte rowids, after a one- or two-byte length.
    if (bytes[page] !== 13 || tried === 40) continue;
    const cell = page + bytes.readUInt16BE(page + 8);
    const rowid = bytes[cell]! < 0x80 ? cell + 1 : cell + 2;
    if (bytes[rowid]! < 0x81 || bytes[rowid + 1]! >= 0x80 || bytes.readUInt16BE(page + 3) < 2)
      continue;
    const copy = Buffer.from(bytes);
    writeVarint(copy, rowid, 16_000);
    writeFileSync(damaged, copy);
    const outcome = walk(damaged, root);
    assert.ok(outcome instanceof TilewrightError, `page ${page / PAGE + 1}`);
    assert.equal(outcome.code, 'input-corrupt');
    tried++;
  }
  assert.equal(tried, 40);
});
