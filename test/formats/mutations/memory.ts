/** How much memory is asked for at once: a reader must not take as much as a damaged file says. */

let largest = 0;

function note(bytes: number): void {
  if (bytes > largest) largest = bytes;
}

/** Counts what `Type` is made with as a length. */
function watchType(name: string, bytesEach: number): void {
  const all = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const Type = all[name]!;
  all[name] = new Proxy(Type, {
    construct(target, args, newTarget) {
      if (typeof args[0] === 'number') note(bytesEach * args[0]);
      return Reflect.construct(
        target,
        args,
        newTarget === all[name] ? target : newTarget,
      ) as object;
    },
  });
}

for (const Type of [
  Uint8Array,
  Int32Array,
  Uint32Array,
  Float64Array,
  Uint16Array,
  BigInt64Array,
  Float32Array,
  BigUint64Array,
]) {
  watchType(Type.name, Type.BYTES_PER_ELEMENT);
}
watchType('Array', 8);
watchType('ArrayBuffer', 1);
for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
  const own = Buffer[name] as (size: number, ...more: never[]) => Buffer<ArrayBuffer>;
  Buffer[name] = (size: number, ...more: never[]) => {
    note(size);
    return own.call(Buffer, size, ...more);
  };
}

/** The largest number of bytes asked for at once since the last call. */
export function largestAllocation(): number {
  const found = largest;
  largest = 0;
  return found;
}
