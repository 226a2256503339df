/** The engines that other tests start really start, fail as they are told to, and leave nothing. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createNamespace, networkMissing } from './network.ts';
import {
  assertNoneLeft,
  isRunning,
  MARK,
  markedEnvironment,
  markedProcesses,
  processesWith,
  waitUntil,
} from './processes.ts';
import { redisKeys, redisMissing, startRedis } from './redis.ts';
import { slurmMissing, startSlurm } from './slurm.ts';

/** Processes that have this text in their environment. */
function mentioning(text: string): string[] {
  return processesWith((variables) => variables.some((variable) => variable.includes(text))).map(
    ({ command }) => command,
  );
}

/** Runs code that starts an engine in a process of its own; gives the first line that it prints. */
async function startElsewhere(
  t: { after(work: () => void): void },
  code: string,
): Promise<{ owner: ChildProcess; told: string }> {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => owner.kill('SIGKILL'));
  const [text] = (await once(owner.stdout!, 'data')) as [Buffer];
  return { owner, told: text.toString().trim() };
}

// They wait much and work little, so they run side by side, as do the tests that use them.
describe('engines', { concurrency: 4 }, () => {
  describe('processes', () => {
    test('a mark finds children of children, and those that stay are named and ended', async () => {
      const { mark, env } = markedEnvironment();
      spawnSync('/bin/sh', ['-c', 'sleep 300 & sleep 301 &'], {
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
      const found = await waitUntil(
        () => {
          const now = markedProcesses(mark).filter(({ command }) => command.startsWith('sleep'));
          return now.length === 2 ? now : null;
        },
        5_000,
        'two processes with the mark',
      );
      assert.deepEqual(found.map(({ command }) => command).sort(), ['sleep 300', 'sleep 301']);
      await assert.rejects(assertNoneLeft(mark, 50), /still there after 50 ms/);
      await assertNoneLeft(mark);
    });
  });

  describe('redis', { skip: redisMissing() }, () => {
    test('keeps what it has confirmed through kill -9, unless it is to forget', async (t) => {
      const redis = await startRedis();
      t.after(() => redis.stop());
      assert.equal(await redis.cli('SET', 'a', '1'), 'OK');
      await redis.cli('SET', 'b', '2');
      assert.deepEqual(await redisKeys(redis.url), ['a', 'b']);

      const before = redis.pid;
      await redis.kill('SIGKILL');
      assert.ok(!isRunning(before));
      await assert.rejects(redis.cli('GET', 'a'), /refused/);
      await redis.restart({ keepData: true });
      assert.notEqual(redis.pid, before);
      assert.equal(await redis.cli('GET', 'a'), '1');
      await redis.restart({ keepData: false });
      assert.deepEqual(await redisKeys(redis.url), []);
    });

    test('asks for a password, and speaks TLS with its own authority', async (t) => {
      const redis = await startRedis({ password: 'p@ss:word', tls: true });
      t.after(() => redis.stop());
      await redis.cli('SET', 'a', '1');
      assert.deepEqual(await redisKeys(redis.url, redis.ca), ['a']);
      const url = new URL(redis.url);
      url.password = 'wrong';
      await assert.rejects(redisKeys(url.href, redis.ca));

      const socket = connectTls({
        host: redis.host,
        port: redis.port,
        ca: readFileSync(redis.ca!),
      });
      t.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      assert.ok(socket.authorized);
      socket.write('PING\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /^-NOAUTH/);
    });

    test('leaves nothing, also when its owner is killed', async (t) => {
      const module = JSON.stringify(join(import.meta.dirname, 'redis.ts'));
      const { owner, told } = await startElsewhere(
        t,
        `const { startRedis } = await import(${module}); console.log(String((await startRedis()).pid));
       setInterval(() => undefined, 1000);`,
      );
      const pid = Number(told);
      assert.ok(isRunning(pid));
      const folder = /TILEWRIGHT_TEST_ENGINE=([^\0]+)/.exec(
        readFileSync(`/proc/${pid}/environ`, 'utf8'),
      )![1]!;
      owner.kill('SIGKILL');
      await waitUntil(
        () => !isRunning(pid) && !existsSync(folder),
        10_000,
        'the guard to clean up',
      );

      const redis = await startRedis();
      const stopped = redis.pid;
      await redis.stop();
      assert.ok(!isRunning(stopped));
    });
  });

  describe('slurm', { skip: slurmMissing() }, () => {
    test('runs jobs on both nodes, loses a node, its controller, and gets them back', async (t) => {
      const slurm = await startSlurm({ slurmdTimeoutSeconds: 3, minJobAgeSeconds: 5 });
      t.after(() => slurm.stop());
      assert.deepEqual(await slurm.sinfo(), [
        { name: 'node1', state: 'idle' },
        { name: 'node2', state: 'idle' },
      ]);

      const written = (id: string): string => join(slurm.folder, `node-of-${id}`);
      const seen = join(slurm.folder, 'seen');
      const script =
        'echo "$SLURMD_NODENAME" > "node-of-$SLURM_JOB_ID"; ' +
        `while [ ! -e ${seen} ]; do sleep 0.1; done; exit 3`;
      const ids = [
        await slurm.submit(script, ['--exclusive']),
        await slurm.submit(script, ['--exclusive', '-J', 'a name|with a bar']),
      ];
      // Both are running before the first may end, or the second could have the node of the first.
      await waitUntil(
        async () => (await slurm.squeue()).filter(({ state }) => state === 'RUNNING').length === 2,
        20_000,
        'both jobs to run',
      );
      const jobs = await slurm.squeue();
      assert.deepEqual(jobs.map(({ id }) => id).sort(), ids);
      assert.equal(jobs.find(({ id }) => id === ids[1])!.name, 'a name|with a bar');
      writeFileSync(seen, '');
      await slurm.waitIdle();
      const nodes = ids.map((id) => readFileSync(written(id), 'utf8').trim());
      assert.deepEqual(nodes.sort(), ['node1', 'node2']);
      assert.deepEqual(
        slurm
          .jobs()
          .map(({ id, state, exitCode }) => ({ id, state, exitCode }))
          .sort(byId),
        ids.map((id) => ({ id, state: 'FAILED', exitCode: '3:0' })),
      );

      // The controller dies with a job running; the job is known to the next one.
      const gate = join(slurm.folder, 'gate');
      const job = await slurm.submit(`while [ ! -e ${gate} ]; do sleep 0.1; done`, ['-w', 'node1']);
      const running = async (): Promise<boolean> =>
        (await slurm.squeue()).some(({ id, state }) => id === job && state === 'RUNNING');
      await waitUntil(running, 20_000, 'the job to run');
      await slurm.waitSaved(job);
      await slurm.killSlurmctld('SIGKILL');
      await assert.rejects(slurm.command(['scontrol', 'ping']));
      await slurm.startSlurmctld();
      assert.ok(await running());

      // A node is lost while it runs nothing, and comes back.
      await slurm.killSlurmd('node2', 'SIGKILL');
      const stateOf = async (name: string): Promise<string> =>
        (await slurm.sinfo()).find((node) => node.name === name)!.state;
      await waitUntil(
        async () => (await stateOf('node2')).startsWith('down'),
        60_000,
        'node2 to be down',
      );
      await slurm.startSlurmd('node2');
      assert.equal(await stateOf('node2'), 'idle');

      await slurm.command(['touch', gate]);
      await slurm.waitIdle();
      assert.equal(slurm.jobs().find(({ id }) => id === job)!.state, 'COMPLETED');
    });

    test('leaves nothing, whatever its jobs are doing', async () => {
      const { mark } = markedEnvironment();
      const slurm = await startSlurm();
      const options = [`--export=ALL,${MARK}=${mark}`, '--array=0-5'];
      await slurm.submit('trap "" TERM; setsid sleep 300 & sleep 301', options);
      await waitUntil(() => markedProcesses(mark).length >= 12, 20_000, 'four jobs to run');
      await slurm.stop();
      assert.deepEqual(markedProcesses(mark), []);
      assert.deepEqual(mentioning(slurm.folder), []);
      assert.ok(!existsSync(slurm.folder));
    });

    test('several at once; and one goes away with its owner', async (t) => {
      const module = JSON.stringify(join(import.meta.dirname, 'slurm.ts'));
      const [other, { owner, told: folder }] = await Promise.all([
        startSlurm({ cpusPerNode: 1 }),
        startElsewhere(
          t,
          `const { startSlurm } = await import(${module}); const slurm = await startSlurm();
         await slurm.submit('sleep 300'); console.log(slurm.folder);
         setInterval(() => undefined, 1000);`,
        ),
      ]);
      t.after(() => other.stop());
      const sleeping = (): boolean => mentioning(folder).includes('sleep 300');
      await waitUntil(sleeping, 20_000, 'the job of the second cluster to run');
      owner.kill('SIGKILL');
      const gone = (): boolean => mentioning(folder).length === 0 && !existsSync(folder);
      await waitUntil(gone, 10_000, 'the guard to clean up');
      assert.equal((await other.sinfo()).length, 2);
    });
  });

  describe('network', { skip: networkMissing() }, () => {
    test('a connection is silent while the cable is cut, and then goes on', async (t) => {
      const namespace = await createNamespace();
      t.after(() => namespace.remove());
      const sockets: Socket[] = [];
      const server = createServer((socket) => sockets.push(socket.setNoDelay()));
      t.after(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      await once(server.listen(0, namespace.hostAddress), 'listening');
      const { port } = server.address() as { port: number };

      // Inside: say what comes in, and send a byte every 50 ms.
      const code = `const socket = require('node:net').connect(${port}, '${namespace.hostAddress}');
      socket.setNoDelay().pipe(process.stdout);
      setInterval(() => socket.write('.'), 50);`;
      const [program, ...args] = [...namespace.run, process.execPath, '-e', code];
      const client = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      t.after(() => client.kill('SIGKILL'));
      await once(server, 'connection');
      const socket = sockets[0]!;
      assert.equal(socket.remoteAddress, namespace.address);
      let received = 0;
      socket.on('data', (bytes: Buffer) => {
        received += bytes.length;
      });
      await waitUntil(() => received > 2, 5_000, 'bytes to come');

      await namespace.cut();
      const atCut = received;
      socket.write('sent into the dark');
      // What it shows must not happen, so that no slow machine can make it fail.
      await sleep(1_000);
      assert.equal(received, atCut);
      assert.ok(!socket.closed && client.exitCode === null);

      const answer = once(client.stdout!, 'data') as Promise<[Buffer]>;
      await namespace.heal();
      assert.equal((await answer)[0].toString(), 'sent into the dark');
      await waitUntil(() => received > atCut, 20_000, 'bytes to come again');
    });

    test('leaves neither namespace nor link nor mount', async () => {
      const namespace = await createNamespace();
      assert.ok(readFileSync('/proc/mounts', 'utf8').includes(namespace.name));
      await namespace.remove();
      assert.ok(!readFileSync('/proc/mounts', 'utf8').includes(namespace.name));
      assert.ok(!existsSync(`/run/netns/${namespace.name}`));
      assert.deepEqual(
        readdirSync('/sys/class/net').filter((link) => link.startsWith(namespace.name)),
        [],
      );
    });

    test('a redis out here is reached from inside', { skip: redisMissing() }, async (t) => {
      const namespace = await createNamespace();
      t.after(() => namespace.remove());
      const redis = await startRedis({ bind: namespace.hostAddress });
      t.after(() => redis.stop());
      const [program, ...args] = [...namespace.run, 'redis-cli', '-u', redis.url, 'PING'];
      assert.equal(spawnSync(program!, args, { encoding: 'utf8' }).stdout, 'PONG\n');
    });

    test('a slurm node in a namespace is lost and found', { skip: slurmMissing() }, async (t) => {
      const namespace = await createNamespace();
      t.after(() => namespace.remove());
      const slurm = await startSlurm({
        namespaces: { node2: namespace },
        slurmdTimeoutSeconds: 3,
        extra: ['MessageTimeout=2'],
      });
      t.after(() => slurm.stop());
      await slurm.submit('ip -brief address > seen', ['-w', 'node2']);
      await slurm.waitIdle();
      assert.ok(readFileSync(join(slurm.folder, 'seen'), 'utf8').includes(namespace.address));

      const state = async (): Promise<string> => (await slurm.sinfo())[1]!.state;
      await namespace.cut();
      await waitUntil(async () => (await state()).startsWith('down'), 60_000, 'node2 to be down');
      await namespace.heal();
      await slurm.waitIdle();
    });

    test('goes away with its owner, and what runs in it', async (t) => {
      const module = JSON.stringify(join(import.meta.dirname, 'network.ts'));
      const { owner, told } = await startElsewhere(
        t,
        `const { createNamespace } = await import(${module}); const { spawn } = await import('node:child_process');
       const { name, run } = await createNamespace();
       spawn(run[0], [...run.slice(1), 'sleep', '300'], { stdio: 'ignore', detached: true });
       console.log(name); setInterval(() => undefined, 1000);`,
      );
      assert.ok(existsSync(`/run/netns/${told}`));
      owner.kill('SIGKILL');
      const gone = (): boolean =>
        !existsSync(`/run/netns/${told}`) && !existsSync(`/sys/class/net/${told}h`);
      await waitUntil(gone, 10_000, 'the guard to clean up');
    });
  });
});

const byId = (a: { id: string }, b: { id: string }): number => Number(a.id) - Number(b.id);
