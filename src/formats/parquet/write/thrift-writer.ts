/**
 * Thrift's compact protocol, in which Parquet has its metadata
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 */

import { ByteSink } from './byte-sink.ts';

const [TRUE, FALSE, I32, I64, BINARY, LIST, STRUCT] = [1, 2, 5, 6, 8, 9, 12];
const encoder = new TextEncoder();

export class ThriftWriter extends ByteSink {
  /** The field that was written last, of each struct that is under way. */
  readonly #last: number[] = [0];

  #field(id: number, type: number): void {
    const depth = this.#last.length - 1;
    const delta = id - this.#last[depth]!;
    this.#last[depth] = id;
    if (delta > 0 && delta < 16) {
      this.byte((delta << 4) | type);
      return;
    }
    this.byte(type);
    this.zigzag(id);
  }

  bool(id: number, value: boolean): void {
    this.#field(id, value ? TRUE : FALSE);
  }

  i32(id: number, value: number): void {
    this.#field(id, I32);
    this.zigzag(value);
  }

  /** −2^52 < value < 2^52 */
  i64(id: number, value: number): void {
    this.#field(id, I64);
    this.zigzag(value);
  }

  binary(id: number, bytes: Uint8Array): void {
    this.#field(id, BINARY);
    this.bytesItem(bytes);
  }

  text(id: number, text: string): void {
    this.binary(id, encoder.encode(text));
  }

  /** What follows are `count` items: of i32s and i64s by `zigzag`, others by `begin`, `textItem`, … */
  list(id: number, of: 'bool' | 'i32' | 'i64' | 'binary' | 'struct', count: number): void {
    this.#field(id, LIST);
    const type = { bool: TRUE, i32: I32, i64: I64, binary: BINARY, struct: STRUCT }[of];
    if (count < 15) this.byte((count << 4) | type);
    else {
      this.byte(0xf0 | type);
      this.varint(count);
    }
  }

  boolItem(value: boolean): void {
    this.byte(value ? TRUE : FALSE);
  }

  bytesItem(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.all(bytes);
  }

  textItem(text: string): void {
    this.bytesItem(encoder.encode(text));
  }

  /** Begins a struct: the field `id` of the one that is under way, or an item of a list. */
  begin(id?: number): void {
    if (id !== undefined) this.#field(id, STRUCT);
    this.#last.push(0);
  }

  end(): void {
    this.#last.pop();
    this.byte(0);
  }
}
