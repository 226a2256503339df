/**
 * Memory with a checksum of what is in it that costs next to nothing, eight times less than a CRC-32:
 * WebAssembly has instructions for several numbers at once.
 *
 * The sum is Fletcher's over little-endian 64-bit words w, every fourth in the same lane: a += w,
 * b += a, and the same once more over their high halves. Sums of the low halves follow from these, and
 * those of halves have room for carries, so no two wrong bits leave all of them as they were. They are
 * hashed to 32 bits.
 * Source: J. G. Fletcher, An Arithmetic Checksum for Serial Transmissions, IEEE Transactions on
 * Communications 30 (1982).
 */

/** What the type definitions of Node leave out. */
interface Wasm {
  Memory: new (pages: { initial: number; maximum?: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { exports: { add(start: number, end: number): void } };
}
interface WasmMemory {
  buffer: ArrayBuffer;
  grow(pages: number): void;
}
const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

const PAGE = 1 << 16;
/** Bytes that one round of the loop takes. */
export const STRIDE = 32;
/** Of two lanes: a of words, a of halves, b of words, b of halves, two of each. */
const VECTORS = 8;
/** Numbers of 64 bits that a is, and b. */
export const LANES = VECTORS;
/** Where the bytes begin, after these: at a page of the system's, as files are written directly from. */
const BYTES_AT = 4096;

let compiled: object | undefined;

export class SummedMemory {
  /** Another array after `grow`. */
  bytes!: Uint8Array<ArrayBuffer>;
  readonly #memory: WasmMemory;
  readonly #add: (start: number, end: number) => void;
  /** a, then b: LANES numbers each. */
  sums!: BigUint64Array;
  #all!: Uint8Array;

  /**
   * @param length - of `bytes`
   * @param grows - whether it may, which takes more addresses
   */
  constructor(length: number, grows = true) {
    compiled ??= new wasm.Module(compileAdd());
    const initial = pagesFor(length);
    this.#memory = new wasm.Memory(grows ? { initial } : { initial, maximum: initial });
    this.#add = new wasm.Instance(compiled, { m: { m: this.#memory } }).exports.add;
    this.#view(length);
  }

  #view(length: number): void {
    const { buffer } = this.#memory;
    this.bytes = new Uint8Array(buffer, BYTES_AT, length);
    this.sums = new BigUint64Array(buffer, 0, 2 * LANES);
    this.#all = new Uint8Array(buffer);
  }

  /** Makes `bytes` longer; what they are stays, and so does the sum. */
  grow(length: number): void {
    const more = pagesFor(length) - this.#memory.buffer.byteLength / PAGE;
    if (more > 0) this.#memory.grow(more);
    this.#view(length);
  }

  begin(): void {
    this.sums.fill(0n);
  }

  /**
   * Adds the bytes start ≤ i < end to the sum, but for what is left of the last whole 32.
   * @returns where those begin: they must be given again, at the start of what comes next
   */
  add(start: number, end: number): number {
    const stop = end - ((end - start) % STRIDE);
    this.#add(BYTES_AT + start, BYTES_AT + stop);
    return stop;
  }

  /** Adds the last bytes, start ≤ i < end. Up to 31 bytes from `end` on become zero. */
  addLast(start: number, end: number): void {
    const rest = this.add(start, end);
    if (rest === end) return;
    this.#all.fill(0, BYTES_AT + end, BYTES_AT + rest + STRIDE);
    this.#add(BYTES_AT + rest, BYTES_AT + rest + STRIDE);
  }

  /**
   * The sum with the last bytes, as `addLast`; `begin` is next.
   * @returns 0 … 2³² − 1
   */
  sum(start: number, end: number): number {
    this.addLast(start, end);
    return hashSums(this.sums);
  }
}

/** @param sums - see SummedMemory */
export function hashSums({ buffer, byteOffset, length }: BigUint64Array): number {
  let hash = 0;
  for (const half of new Uint32Array(buffer, byteOffset, 2 * length)) {
    hash = Math.imul(hash ^ half, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function pagesFor(length: number): number {
  return Math.ceil((BYTES_AT + length + STRIDE) / PAGE);
}

/**
 * The module of one function, add(start, end: i32), with end − start a multiple of STRIDE. Names of
 * instructions are those of the WebAssembly specification.
 */
function compileAdd(): Uint8Array {
  const I32 = 0x7f;
  const V128 = 0x7b;
  const START = 0;
  const END = 1;
  const get = (local: number): number[] => [0x20, local];
  const set = (local: number): number[] => [0x21, local];
  const tee = (local: number): number[] => [0x22, local];
  const i32 = (value: number): number[] => [0x41, value];
  const load = (offset: number): number[] => [0xfd, 0x00, 0, offset];
  const store = (offset: number): number[] => [0xfd, 0x0b, 0, offset];
  const addLanes = [0xfd, 0xce, 0x01];
  const shiftRight = [0xfd, 0xcd, 0x01];
  const vector = (k: number): number => 2 + k;
  const words = vector(VECTORS);
  const sum = (k: number): number[] => [
    ...[...get(vector(k)), ...addLanes, ...tee(vector(k))],
    ...[...get(vector(4 + k)), ...addLanes, ...set(vector(4 + k))],
  ];
  const all = Array.from({ length: VECTORS }, (_, k) => k);
  const code = [
    ...all.flatMap((k) => [...i32(0), ...load(16 * k), ...set(vector(k))]),
    // A block, which is left at once if there is nothing (start ≥ end); in it the loop.
    ...[0x02, 0x40, ...get(START), ...get(END), 0x4f, 0x0d, 0],
    ...[0x03, 0x40],
    ...[0, 1].flatMap((k) => [
      ...[...get(START), ...load(16 * k), ...tee(words), ...sum(k)],
      ...[...get(words), ...i32(32), ...shiftRight, ...sum(2 + k)],
    ]),
    // Once more while start += STRIDE is below the end.
    ...[...get(START), ...i32(STRIDE), 0x6a, ...tee(START), ...get(END), 0x49, 0x0d, 0],
    ...[0x0b, 0x0b],
    ...all.flatMap((k) => [...i32(0), ...get(vector(k)), ...store(16 * k)]),
    0x0b,
  ];
  const body = [1, VECTORS + 1, V128, ...code];
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, I32, I32, 0]),
    ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('add'), 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ]);
}

function section(id: number, content: number[]): number[] {
  return [id, ...sized(content)];
}

/** Bytes after their number, a LEB128 of two bytes. */
function sized(content: number[]): number[] {
  return [(content.length & 127) | 128, content.length >> 7, ...content];
}
