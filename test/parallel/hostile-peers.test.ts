/** Peers that say what no peer of ours says: they lose their connection, and others do their tasks. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import type { ManagerInfo } from '../../src/parallel/blocks/task-channel.ts';
import {
  readJobData,
  readPresence,
  readRecord,
  readToCoordinator,
  readToManagers,
} from '../../src/parallel/redis/messages.ts';
import { ArrayJob, type Entry } from '../../src/parallel/slurm/arrays/array-job.ts';
import { PROTOCOL } from '../../src/parallel/socket/protocol.ts';
import { SocketChannel } from '../../src/parallel/socket/socket-channel.ts';
import { takeResult } from '../../src/parallel/task.ts';
import { encodeFailure } from '../../src/parallel/values/failure.ts';
import type { Manager } from '../../src/parallel/worker/manager.ts';
import { SocketSource } from '../../src/parallel/worker/socket-source.ts';
import { addMutations } from './mutations.ts';

const HELLO = { type: 'hello', protocol: PROTOCOL, blockId: null, host: 'h', pid: 1, slots: 1 };
const TASK = { name: 'a.b', args: '[]' };

/** An error as a worker tells it, with fields as no worker has them. */
function failure(fields: object): string {
  return encodeFailure(Object.assign(new TilewrightError('task-failed', 'm'), fields));
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-peers-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A peer by hand: what it says, and what it gets. */
class Peer {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #lines: string[] = [];
  #text = '';
  #wake = (): void => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('data', (text) => {
      const lines = (this.#text + text).split('\n');
      this.#text = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake();
    });
    this.closed = once(socket, 'close').then(() => this.#wake());
  }

  say(...messages: unknown[]): void {
    for (const message of messages) {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      this.socket.write(`${text}\n`);
    }
  }

  /** The next message of this type. */
  async hears(type: string): Promise<{ id: number; reason: string }> {
    for (;;) {
      while (this.#lines.length > 0) {
        const message = JSON.parse(this.#lines.shift()!);
        if (message.type === type) return message;
      }
      if (this.socket.destroyed) throw new Error(`it is closed, and no ${type} has come`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function channelFor(t: TestContext) {
  const channel = new SocketChannel({ network: false });
  const managers: ManagerInfo[] = [];
  const events = {
    onManager: (m: ManagerInfo) => managers.push(m),
    onManagerGone: () => undefined,
    onOutput: () => undefined,
  };
  const folder = folderFor(t);
  await channel.start(events, folder);
  const [, address] = channel.workerArguments(folder);
  const path = address!.slice('unix:'.length);
  t.after(() => channel.shutdown({}));
  const peer = (): Peer => new Peer(connect(path));
  return { channel, managers, peer };
}

/** Each is said by a manager that has the task `id`. */
const LIES: [what: string, message: (id: number) => unknown][] = [
  ['an error that is null', (id) => ({ type: 'error', id, error: null })],
  ['an error without a message', (id) => ({ type: 'error', id, error: { code: 'internal' } })],
  ['an error of no code', (id) => ({ type: 'error', id, failure: failure({ code: 7 }) })],
  ['an error that is none', (id) => ({ type: 'error', id, failure: 'J{"code":"queue"}' })],
  ['an error in no words', (id) => ({ type: 'error', id, failure: 'D[[1,2' })],
  ['a result that is no text', (id) => ({ type: 'result', id, result: { a: 1 } })],
  ['no result', (id) => ({ type: 'result', id })],
  ['an id that is text', (id) => ({ type: 'result', id: String(id), result: '1' })],
  ['an id that nobody has', (id) => ({ type: 'result', id: id + 1000, result: '1' })],
  ['an id like a key of all objects', () => ({ type: 'result', id: '__proto__', result: '1' })],
  ['progress that is text', (id) => ({ type: 'progress', id, amount: 'much' })],
  ['progress without end', (id) => `{"type":"progress","id":${id},"amount":1e999}`],
  ['a second hello', () => HELLO],
  ['a type like a key of all objects', (id) => ({ type: 'constructor', id })],
  ['a prototype', (id) => `{"__proto__":{"type":"result","id":${id},"result":"1"}}`],
  ['null', () => 'null'],
  ['a list', () => '[[]]'],
  ['no JSON', () => '{"type":'],
];

suite('a manager that lies over a socket', () => {
  for (const [what, lie] of LIES) {
    test(`${what}: its tasks go elsewhere`, async (t) => {
      const { channel, peer } = await channelFor(t);
      // One that it has begun, and one that it has not.
      const started: string[] = [];
      const outcomes = [0, 1].map((n) =>
        channel
          .run(TASK, { onStart: (worker) => started.push(`${worker} ${n}`) })
          .catch((error) => error.code),
      );
      const liar = peer();
      liar.say({ ...HELLO, slots: 2 });
      const begun = await liar.hears('task');
      await liar.hears('task');
      liar.say({ type: 'started', id: begun.id, worker: 'liar' }, lie(begun.id));
      await liar.closed;
      const honest = peer();
      honest.say(HELLO);
      const { id } = await honest.hears('task');
      honest.say({ type: 'started', id, worker: 'honest' }, { type: 'result', id, result: '7' });
      assert.deepEqual(await Promise.all(outcomes), ['worker-died', '7']);
      assert.deepEqual(started, ['liar 0', 'honest 1']);
    });
  }

  test('a hello that can not be true is refused, with the reason', async (t) => {
    const { managers, peer } = await channelFor(t);
    for (const [fields, reason] of [
      [{ slots: -1 }, /can not be true/],
      [{ slots: 0 }, /can not be true/],
      [{ slots: 1e9 }, /can not be true/],
      [{ slots: 1.5 }, /can not be true/],
      [{ slots: Number.NaN }, /can not be true/],
      [{ slots: 'x' }, /can not be true/],
      [{ pid: -1 }, /can not be true/],
      [{ host: {} }, /can not be true/],
      [{ blockId: 1 }, /can not be true/],
      [{ protocol: PROTOCOL + 1 }, /another version/],
      [{ type: 'result' }, /another version/],
    ] as const) {
      const stranger = peer();
      stranger.say({ ...HELLO, ...fields }, HELLO);
      assert.match((await stranger.hears('refused')).reason, reason, JSON.stringify(fields));
      await stranger.closed;
    }
    const long = peer();
    long.socket.write(' '.repeat(1 << 17));
    await long.closed;
    assert.equal(managers.length, 0);
  });

  test('a result that is no text of a value is worth another try', () => {
    for (const text of ['{"a":', 'J{"a":', 'D[[1', 'D[["Map",3,9]]', '', 'X1']) {
      assert.throws(() => takeResult(text, undefined), { code: 'worker-died', retryable: true });
    }
    assert.equal(takeResult('U', undefined), undefined);
  });

  test('whatever managers say: each task ends, by one that is honest', async (t) => {
    const { channel, peer } = await channelFor(t);
    const random = new Random(5);
    const answers = [
      { type: 'started', worker: 'w' },
      { type: 'progress', amount: 2 },
      { type: 'result', result: '"liar"' },
      { type: 'error', failure: failure({ retryable: true }) },
      { type: 'returned' },
      { type: 'leaving' },
      { type: 'alive' },
    ];
    for (let round = 0; round < 150; round++) {
      const outcome = channel.run(TASK, {}).catch((error) => error.code);
      const liar = peer();
      liar.say(HELLO);
      const { id } = await liar.hears('task');
      for (let n = 0; n < 4; n++) {
        const answer = { ...answers[random.integer(answers.length)]!, id };
        liar.say(random.next() < 0.3 ? answer : addMutations(answer, random));
      }
      // Half a message, and gone.
      liar.socket.end('{"type":"res');
      await liar.closed;
      const honest = peer();
      honest.say(HELLO);
      const ended = await Promise.race([
        outcome,
        honest.hears('task').then(({ id }) => {
          honest.say({ type: 'result', id, result: '"honest"' });
          return outcome;
        }),
      ]);
      honest.socket.destroy();
      const expected = ['"honest"', '"liar"', 'worker-died', 'task-failed'];
      assert.ok(expected.includes(ended) || /^[a-z-]+$/.test(ended), ended);
      await honest.closed;
    }
  });
});

suite('a coordinator that lies', () => {
  for (const [what, lie] of [
    ['a task without arguments', { type: 'task', id: 1, task: { name: 'a.b' } }],
    ['a task that is null', { type: 'task', id: 1, task: null }],
    ['a task twice', { type: 'task', id: 7, task: TASK }],
    ['a type that there is not', { type: 'toString', id: 1 }],
    ['null', 'null'],
    ['no JSON', '{'],
  ] as const) {
    test(`${what}: its workers end`, async (t) => {
      const path = join(folderFor(t), 'socket');
      const server = createServer().listen(path);
      t.after(() => server.close());
      await once(server, 'listening');
      const stopped: string[] = [];
      const manager = {
        slots: 1,
        hasTimeFor: () => true,
        run: () => new Promise(() => undefined),
        stop: () => stopped.push('stopped'),
      };
      const source = new SocketSource(`unix:${path}`, null, null);
      const ended = source.serve(manager as unknown as Manager);
      const [socket] = (await once(server, 'connection')) as [Socket];
      const coordinator = new Peer(socket);
      await coordinator.hears('hello');
      coordinator.say({ type: 'task', id: 7, task: TASK }, lie);
      assert.equal(await ended, 'its coordinator is gone');
      assert.deepEqual(stopped, ['stopped']);
    });
  }
});

suite('what is in Redis', () => {
  test('is taken for nothing unless it is ours', () => {
    const manager = { id: 'm', blockId: null, host: 'h', pid: 1, slots: 2, jobs: ['t1'] };
    const run = { job: 't1', run: 'r' };
    const ours: [read: (text: string) => unknown, value: object][] = [
      [readPresence, manager],
      [readToCoordinator, { type: 'hello', manager }],
      [readToCoordinator, { type: 'started', ...run, manager: 'm', worker: 'w' }],
      [readToCoordinator, { type: 'progress', ...run, total: 3 }],
      [readToCoordinator, { type: 'done', job: 't1', record: 'x', again: true }],
      [readToManagers, { type: 'cancel', jobs: ['t1'] }],
      [readToManagers, { type: 'release', blocks: ['b'] }],
      [readToCoordinator, { type: 'output', job: 't1', worker: 'w', stream: 'stderr', text: 'x' }],
      [(text) => readJobData(JSON.parse(text)), { ...TASK, owner: 'o', module: 'f' }],
    ];
    const random = new Random(6);
    let refused = 0;
    for (const [read, value] of ours) {
      assert.deepEqual(read(JSON.stringify(value)), value);
      for (let round = 0; round < 300; round++) {
        const text = addMutations(value, random);
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (!isJson && read === ours.at(-1)![0]) continue;
        if (read(text) === null) refused++;
      }
    }
    assert.ok(refused > 1000, `${refused}`);
    for (const slots of [-1, 0, 1e9, 1.5, null, 'x']) {
      assert.equal(readPresence(JSON.stringify({ ...manager, slots })), null, `${slots}`);
    }
    for (const text of ['', 'x', '{"run":"r","total":0,"ok":false}\nnull', '{}\n{}']) {
      const { result } = readRecord(text);
      assert.ok(result instanceof Error && result.code === 'worker-died' && result.retryable, text);
    }
  });
});

suite('an element of a Slurm array', () => {
  const spec = { modules: [], threads: 1, controlMs: 1000 };
  const events = { onHello: () => undefined, onBegin: () => undefined, onEnd: () => undefined };
  const entry = (id: number, ended: string[]): Entry => ({
    id,
    task: TASK,
    weight: undefined,
    options: {},
    resolve: (result) => ended.push(result),
    reject: (error) => ended.push((error as { code?: string }).code!),
    array: undefined,
    started: false,
  });

  for (const [what, lie] of [
    ['no JSON', '{"type":\n'],
    ['null', 'null\n'],
    ['an error that is null', '{"type":"error","id":1,"error":null,"ms":1}\n'],
    ['a type that there is not', '{"type":"constructor","id":1}\n'],
    ['a time that is text', '{"type":"result","id":1,"result":"2","ms":"x"}\n'],
  ] as const) {
    test(`that writes ${what} is not listened to any more: its tasks go elsewhere`, async (t) => {
      const ended: string[] = [];
      const entries = [entry(1, ended), entry(2, ended), entry(3, ended)];
      const array = new ArrayJob(join(folderFor(t), 'array-1'), 'a', [entries], spec);
      const log = join(array.folder, '0.log');
      appendFileSync(log, '{"type":"hello","host":"h","pid":1}\n');
      appendFileSync(log, '{"type":"result","id":3,"result":"5","ms":1}\n');
      appendFileSync(log, '{"type":"started","id":1,"worker":"w"}\n{"type":"star');
      await array.read(events);
      truncateSync(log, 36 + 45 + 39);
      appendFileSync(log, lie);
      await array.read(events);
      const [element] = array.elements;
      assert.equal(element!.damaged, true);
      assert.match(
        element!.ended!,
        /its log can't be read: .*0\.log is not as an element writes it/,
      );
      const waiting = array.release(element!, element!.ended!);
      assert.deepEqual(ended, ['5', 'worker-died']);
      assert.deepEqual(
        waiting.map(({ id }) => id),
        [2],
      );
    });
  }

  test('whose log is out of reach for a moment goes on', async (t) => {
    const ended: string[] = [];
    const array = new ArrayJob(join(folderFor(t), 'array-1'), 'a', [[entry(1, ended)]], spec);
    const log = join(array.folder, '0.log');
    rmSync(log);
    await array.read(events);
    assert.equal(array.elements[0]!.ended, null);
    appendFileSync(log, '{"type":"result","id":1,"result":"5","ms":1}\n');
    await array.read(events);
    assert.deepEqual(ended, ['5']);
  });
});
