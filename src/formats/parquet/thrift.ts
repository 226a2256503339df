/**
 * Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md),
 * as far as the metadata of Parquet has it. What is read may be hostile: nothing is taken for granted.
 *
 *     const outer = reader.begin();
 *     while (reader.next()) {
 *       if (reader.id === 1) n = reader.int();
 *       else reader.skip();
 *     }
 *     reader.end(outer);
 */

import { ParquetFault } from './fault.ts';

const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY] = [1, 2, 3, 4, 5, 6, 7, 8];
const [LIST, SET, MAP, STRUCT, UUID] = [9, 10, 11, 12, 13];
/** Structures within each other. */
const MAX_DEPTH = 32;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes end before what is read does: there may be more behind them. */
export class ThriftEnd extends ParquetFault {
  constructor() {
    super('has metadata that end too early');
  }
}

export class ThriftReader {
  /** Where reading goes on. */
  at: number;
  /** Of the current field. */
  id = 0;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #view: DataView;
  #type = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.#end = end;
  }

  /** Begins a structure; what it returns is for `end`. */
  begin(): number {
    if (++this.#depth > MAX_DEPTH) throw new ParquetFault('has metadata nested too deeply');
    const outer = this.id;
    this.id = 0;
    return outer;
  }

  /** Begins the structure that is the current field. */
  beginField(): number {
    this.#expect(STRUCT);
    return this.begin();
  }

  /** Moves to the next field; false at the end of the structure. */
  next(): boolean {
    const head = this.#byte();
    if (head === 0) return false;
    this.#type = head & 15;
    const delta = head >> 4;
    this.id = delta === 0 ? this.#zigzag() : this.id + delta;
    return true;
  }

  end(outer: number): void {
    this.#depth--;
    this.id = outer;
  }

  /** An integer of any width; not exact past ±2^53. */
  int(): number {
    if (this.#type === BYTE) return (this.#byte() << 24) >> 24;
    if (this.#type < I16 || this.#type > I64) this.#expect(I64);
    return this.#zigzag();
  }

  /** Whether the current field is a truth, which has no bytes of its own. */
  get isBool(): boolean {
    return this.#type === TRUE || this.#type === FALSE;
  }

  bool(): boolean {
    if (this.#type !== TRUE) this.#expect(FALSE);
    return this.#type === TRUE;
  }

  double(): number {
    this.#expect(DOUBLE);
    return this.#double();
  }

  /** A view of the bytes, which are not copied. */
  binary(): Uint8Array {
    this.#expect(BINARY);
    return this.#binary();
  }

  text(): string {
    try {
      return decoder.decode(this.binary());
    } catch (error) {
      if (error instanceof ParquetFault) throw error;
      throw new ParquetFault('has a name that is no UTF-8');
    }
  }

  /** Calls `each` for each structure of a list. It reads all of it. */
  structs(each: () => void): void {
    const count = this.#list(STRUCT, 1);
    for (let i = 0; i < count; i++) each();
  }

  /** A list of integers. */
  integers(): number[] {
    const count = this.#list(I32, 1);
    return Array.from({ length: count }, () => this.#zigzag());
  }

  /** Passes over the current field. */
  skip(): void {
    this.#skip(this.#type);
  }

  #skip(type: number): void {
    switch (type) {
      case TRUE:
      case FALSE:
        break;
      case BYTE:
        this.#move(1);
        break;
      case I16:
      case I32:
      case I64:
        this.#varint();
        break;
      case DOUBLE:
        this.#move(8);
        break;
      case BINARY:
        this.#binary();
        break;
      case UUID:
        this.#move(16);
        break;
      case LIST:
      case SET:
        this.#skipList();
        break;
      case MAP:
        this.#skipMap();
        break;
      case STRUCT: {
        const outer = this.begin();
        while (this.next()) this.skip();
        this.end(outer);
        break;
      }
      default:
        throw new ParquetFault(`has metadata of an unknown type ${type}`);
    }
  }

  #skipList(): void {
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    this.#room(count);
    for (let i = 0; i < count; i++) this.#skipElement(head & 15);
  }

  #skipMap(): void {
    const count = this.#varint();
    if (count === 0) return;
    this.#room(count);
    const kinds = this.#byte();
    for (let i = 0; i < count; i++) {
      this.#skipElement(kinds >> 4);
      this.#skipElement(kinds & 15);
    }
  }

  /** Truths in lists take a byte each. */
  #skipElement(type: number): void {
    if (++this.#depth > MAX_DEPTH) throw new ParquetFault('has metadata nested too deeply');
    this.#skip(type === TRUE || type === FALSE ? BYTE : type);
    this.#depth--;
  }

  /** Reads the head of a list; returns its length. */
  #list(type: number, leastBytes: number): number {
    this.#expect(LIST);
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    const found = head & 15;
    const fits =
      found === type ||
      (type === I32 && (found === I16 || found === I64)) ||
      (type === TRUE && found === FALSE);
    if (!fits && count > 0) throw new ParquetFault('has metadata that can’t be understood');
    this.#room(count * leastBytes);
    return count;
  }

  #expect(type: number): void {
    if (this.#type === type) return;
    throw new ParquetFault(`has metadata that can’t be understood, in field ${this.id}`);
  }

  #room(bytes: number): void {
    if (!(bytes <= this.#end - this.at)) throw new ThriftEnd();
  }

  #move(bytes: number): void {
    this.#room(bytes);
    this.at += bytes;
  }

  #byte(): number {
    if (this.at >= this.#end) throw new ThriftEnd();
    return this.#bytes[this.at++]!;
  }

  #binary(): Uint8Array {
    const length = this.#varint();
    const start = this.at;
    this.#move(length);
    return this.#bytes.subarray(start, this.at);
  }

  #double(): number {
    const start = this.at;
    this.#move(8);
    return this.#view.getFloat64(start, true);
  }

  /** Unsigned, up to 64 bits. */
  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw new ParquetFault('has a number of more than 64 bits in its metadata');
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
