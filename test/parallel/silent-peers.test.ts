/** Peers that say nothing any more, though their connection stands: a cable is pulled, a process is halted. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ManagerInfo } from '../../src/parallel/blocks/task-channel.ts';
import { ALIVE_INTERVAL_MS, SILENCE_LIMIT_MS } from '../../src/parallel/socket/protocol.ts';
import { SocketChannel } from '../../src/parallel/socket/socket-channel.ts';
import type { Manager } from '../../src/parallel/worker/manager.ts';
import { SocketSource } from '../../src/parallel/worker/socket-source.ts';

const TASK = { name: 'a.b', args: '[]' };

/** A clock that runs only when it is told to, and what it drives. */
function clockFor(t: TestContext): (ms: number) => Promise<void> {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const start = performance.now();
  let passed = 0;
  t.mock.method(performance, 'now', () => start + passed);
  return async (ms) => {
    for (let left = ms; left > 0; left -= ALIVE_INTERVAL_MS) {
      passed += ALIVE_INTERVAL_MS;
      t.mock.timers.tick(ALIVE_INTERVAL_MS);
      // What was said by this arrives.
      for (let i = 0; i < 50; i++) await setImmediate();
    }
  };
}

/** A coordinator and a manager with a task that never ends; what they say goes through `wires`. */
async function connectedPeers(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-silent-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const channel = new SocketChannel({ network: false });
  const managers: ManagerInfo[] = [];
  await channel.start(
    {
      onManager: (manager) => managers.push(manager),
      onManagerGone: () => undefined,
      onOutput: () => undefined,
    },
    folder,
  );
  const [, address] = channel.workerArguments(folder);
  const wires: Socket[] = [];
  const path = join(folder, 'between');
  const between = createServer((toManager) => {
    const toCoordinator = connect(address!.slice('unix:'.length));
    wires.push(toManager, toCoordinator);
    for (const wire of [toManager, toCoordinator]) wire.on('error', () => undefined);
    toManager.pipe(toCoordinator).pipe(toManager);
  }).listen(path);
  await once(between, 'listening');
  const manager = {
    slots: 1,
    hasTimeFor: () => true,
    run: (_task: unknown, { onStart }: { onStart?: (worker: string) => void }) => {
      onStart?.('worker');
      return new Promise(() => undefined);
    },
    stop: () => undefined,
  };
  const served = new SocketSource(`unix:${path}`, null, null).serve(manager as unknown as Manager);
  t.after(async () => {
    for (const wire of wires) wire.destroy();
    between.close();
    await channel.shutdown({});
  });
  const started = Promise.withResolvers<void>();
  const onStart = (): void => started.resolve();
  const outcome = channel.run(TASK, { onStart }).catch(({ code }) => code as string);
  await started.promise;
  const cut = (): void => {
    for (const wire of wires) wire.unpipe().pause();
  };
  return { served, outcome, cut };
}

const isOpen = async (promise: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([promise, setImmediate('open')])) === 'open';

test('peers keep each other while they say that they are there, and for a minute after that', async (t) => {
  const pass = clockFor(t);
  const { served, outcome, cut } = await connectedPeers(t);
  await pass(5 * SILENCE_LIMIT_MS);
  assert.deepEqual([await isOpen(served), await isOpen(outcome)], [true, true]);
  cut();
  await pass(SILENCE_LIMIT_MS - 3 * ALIVE_INTERVAL_MS);
  assert.deepEqual([await isOpen(served), await isOpen(outcome)], [true, true]);
  await pass(5 * ALIVE_INTERVAL_MS);
  assert.equal(await outcome, 'worker-died');
  assert.equal(await served, 'its coordinator is gone');
});
