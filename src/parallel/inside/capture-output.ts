/** What a task prints, taken to whoever wants it. */

export type OutputStream = 'stdout' | 'stderr';

/** More than this is not held back. */
const MAX_HELD = 1 << 16;
/** Nor is anything for longer than this, in milliseconds. */
const MAX_WAIT_MS = 50;

export class CapturedOutput {
  readonly #send: (stream: OutputStream, text: string) => void;
  readonly #restore: (() => void)[] = [];
  #held = '';
  #stream: OutputStream = 'stdout';
  #since = 0;
  #scheduled = false;

  /** Takes what this thread writes to `process.stdout` and `process.stderr`, `console` included. */
  constructor(send: (stream: OutputStream, text: string) => void) {
    this.#send = send;
    this.#take('stdout');
    this.#take('stderr');
    const listeners = process.listeners('warning');
    // Without any, they are switched off.
    if (listeners.length === 0) return;
    process.removeAllListeners('warning').on('warning', onWarning);
    this.#restore.push(() => {
      process.removeAllListeners('warning');
      for (const listener of listeners) process.on('warning', listener);
    });
  }

  #take(stream: OutputStream): void {
    const decoder = new TextDecoder();
    const target = process[stream];
    const write = (chunk: string | Uint8Array, encoding?: unknown, onEnd?: unknown): boolean => {
      const text =
        typeof chunk !== 'string'
          ? decoder.decode(chunk, { stream: true })
          : typeof encoding === 'string' && Buffer.isEncoding(encoding)
            ? Buffer.from(chunk, encoding).toString()
            : chunk;
      this.#hold(stream, text);
      const done = typeof encoding === 'function' ? encoding : onEnd;
      if (typeof done === 'function') process.nextTick(done as () => void);
      return true;
    };
    // It would go past `write`; and what is printed later is to arrive, too.
    const end = (chunk?: unknown, encoding?: unknown, onEnd?: unknown): typeof target => {
      const done = [chunk, encoding, onEnd].find((one) => typeof one === 'function');
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) write(chunk, encoding, done);
      else if (done !== undefined) process.nextTick(done as () => void);
      return target;
    };
    this.#put(target, 'write', write);
    this.#put(target, 'end', end);
  }

  #put(target: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    this.#restore.push(() => {
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, own);
    });
  }

  #hold(stream: OutputStream, text: string): void {
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    if (this.#held === '') this.#since = performance.now();
    this.#held += text;
    if (this.#held.length > MAX_HELD || performance.now() - this.#since > MAX_WAIT_MS) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.flush());
    }
  }

  flush(): void {
    this.#scheduled = false;
    const text = this.#held;
    this.#held = '';
    if (text !== '') this.#send(this.#stream, text);
  }

  /** Gives the streams back. */
  restore(): void {
    this.flush();
    for (const undo of this.#restore) undo();
  }
}

/** As Node.js prints them; a thread would print past its own streams. */
function onWarning(warning: Error & { code?: string; detail?: string }): void {
  const { name, message, code, detail, stack } = warning;
  const deprecation = name === 'DeprecationWarning';
  if (deprecation && process.noDeprecation) return;
  const traced = process.execArgv.includes(
    deprecation ? '--trace-deprecation' : '--trace-warnings',
  );
  const text = traced && stack !== undefined ? stack : `${name}: ${message}`;
  const head = `(node:${process.pid}) ${code === undefined ? '' : `[${code}] `}`;
  process.stderr.write(`${head}${text}\n${detail === undefined ? '' : `${detail}\n`}`);
}
