import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseGroups, parseMounts } from '../../src/machine/cgroups.ts';
import { measureDiskSpeed } from '../../src/machine/disk-speed.ts';
import {
  diskOf,
  fileSystemOf,
  parseMountInfo,
  takesDirectWrites,
} from '../../src/machine/file-system.ts';
import { describeMachine } from '../../src/machine/machine.ts';
import { diskCounts, machineCounter } from '../../src/machine/machine-counts.ts';
import { parseNetworkCounts } from '../../src/machine/network.ts';
import { keyedNumbers } from '../../src/machine/system-files.ts';
import { readThreadCounts } from '../../src/machine/thread-meter.ts';

const linux = process.platform === 'linux' ? false : 'only Linux tells';

suite('what Linux tells', () => {
  test('control groups of both versions', () => {
    const groups = parseGroups(
      '9:name=systemd:/\n4:memory:/jobs/7\n2:cpu,cpuacct:/a\n0::/user/x\n',
    );
    assert.deepEqual(
      [groups.get('memory'), groups.get('cpuacct'), groups.get('cpu'), groups.get('')],
      ['/jobs/7', '/a', '/a', '/user/x'],
    );
    const mounts = parseMounts(
      '30 27 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n' +
        '31 27 0:28 /docker/1 /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n' +
        '32 27 8:1 / / rw - ext4 /dev/sda1 rw\n',
    );
    assert.deepEqual(mounts, [
      { root: '', folder: '/sys/fs/cgroup/memory', version: 1, controllers: ['rw', 'memory'] },
      { root: '/docker/1', folder: '/sys/fs/cgroup/unified', version: 2, controllers: ['rw'] },
    ]);
  });

  test('mounts, disks, interfaces', () => {
    const [entry] = parseMountInfo('36 35 98:0 /r /mnt\\040two rw master:1 - fuse.sshfs host:/ rw');
    assert.deepEqual(entry, { device: '98:0', mountPoint: '/mnt two', type: 'fuse.sshfs' });
    const disks =
      '   7       0 loop0 1 0 2 0 0 0 0 0 0 0 0 0\n' +
      ' 254       0 vda 10 1 2000 5 20 2 4000 6 0 77 11 0 0 0 0\n';
    assert.deepEqual(diskCounts('254:0', disks), {
      diskReadBytes: 2000 * 512,
      diskWrittenBytes: 4000 * 512,
      diskBusyMs: 77,
    });
    assert.equal(diskCounts('8:0', disks).diskReadBytes, null);
    const interfaces =
      'Inter-|   Receive            |  Transmit\n face |bytes packets\n' +
      '    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0\n' +
      '  eth0: 100 1 0 0 0 0 0 0 250 1 0 0 0 0 0 0\n  eth1:7 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0\n';
    assert.deepEqual(parseNetworkCounts(interfaces), { received: 107, sent: 253 });
    assert.equal(keyedNumbers('MemTotal:    12 kB\nrefault_file 9\n').get('refault_file'), 9);
  });
});

suite('this machine', () => {
  test('is described within what Node says of it', () => {
    const machine = describeMachine();
    assert.equal(machine.memory, totalmem());
    assert.equal(machine.usableCores, availableParallelism());
    assert.ok(machine.cores >= machine.usableCores);
    assert.ok(machine.memoryLimit === null || machine.memoryLimit > 1e6);
  });

  test('fewer cores are seen by a process that may not use all', { skip: linux }, (t) => {
    const module = JSON.stringify(new URL('../../src/machine/machine.ts', import.meta.url));
    const code = `import(${module}).then((m) => console.log(m.describeMachine().usableCores))`;
    try {
      execFileSync('taskset', ['--version']);
    } catch {
      t.skip('taskset is not here: install util-linux');
      return;
    }
    const args = ['-c', '0', process.execPath, '-e', code];
    assert.equal(execFileSync('taskset', args, { encoding: 'utf8' }), '1\n');
  });

  test('a thread that computes uses CPU time, and one that reads reads', { skip: linux }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tilewright-machine-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const before = readThreadCounts();
    const start = process.threadCpuUsage();
    const used = (): number => {
      const { user, system } = process.threadCpuUsage(start);
      return (user + system) / 1000;
    };
    while (used() < 50);
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(3_000_000, 1));
    readFileSync(path);
    const after = readThreadCounts();
    const cpu = after.cpuUser + after.cpuSystem - before.cpuUser - before.cpuSystem;
    // The kernel's ticks are 10 ms at the most.
    assert.ok(cpu > 30 && cpu < used() + 20, `${cpu}`);
    assert.ok(after.queuedForCpu! >= before.queuedForCpu!);
    assert.ok(after.read! - before.read! >= 3_000_000);
    assert.ok(after.written! - before.written! >= 3_000_000);
    assert.ok(after.minorFaults! >= before.minorFaults!);
  });

  test('counts go up', { skip: linux }, () => {
    const count = machineCounter(diskOf(tmpdir()));
    const first = count();
    const started = performance.now();
    while (performance.now() - started < 30);
    const second = count();
    assert.ok(second.busyMs! > 0 && second.busyMs! >= first.busyMs!);
    assert.ok(second.coresMs! >= second.busyMs!);
    assert.ok(second.memoryAvailable > 1e6 && second.memoryAvailable < totalmem());
  });

  test('the disk is measured, and nothing is left on it', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tilewright-disk-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const { read, write } = measureDiskSpeed(folder, 20);
    assert.ok(write !== null && write > 1e5, `${write}`);
    // A file system without direct reading says so.
    assert.ok(read === null || read > 1e5, `${read}`);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(measureDiskSpeed(join(folder, 'nowhere'), 20), { read: null, write: null });
  });

  test('a file system is known by the folder nearest to a path', { skip: linux }, () => {
    const here = fileSystemOf(tmpdir());
    const below = fileSystemOf(join(tmpdir(), 'no', 'such', 'folder'));
    assert.equal(below.mountPoint, here.mountPoint);
    assert.equal(fileSystemOf('/proc/self').type, 'proc');
    assert.equal(here.network, false);
    assert.ok(here.free > 0);
  });

  test('direct writes are for disks, not for memory, devices and what is unknown', {
    skip: linux,
  }, () => {
    for (const folder of [
      tmpdir(),
      '/dev/shm',
      '/proc/self',
      '/dev',
      join(tmpdir(), 'no', 'such'),
    ]) {
      const { type, network } = fileSystemOf(folder);
      const isDisk = !network && ['ext2', 'ext3', 'ext4', 'xfs', 'f2fs', 'overlay'].includes(type);
      assert.equal(takesDirectWrites(folder), isDisk, folder);
      if (folder.startsWith('/proc') || folder.startsWith('/dev')) assert.equal(isDisk, false);
    }
  });
});
