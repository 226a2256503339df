/** A network namespace joined to this machine's by a virtual cable that can be pulled. */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guard } from './daemon.ts';
import { cleanEnvironment, missingPrograms, run, withRetries } from './programs.ts';

export interface Namespace {
  readonly name: string;
  /** This end's IPv4 address: where a process in the namespace finds a server out here. */
  readonly hostAddress: string;
  /** The IPv4 address inside. */
  readonly address: string;
  /** Put before a command to run it inside; the process keeps its id, files and cgroups. */
  readonly run: readonly string[];
  /** Drops every packet silently, both ways, as a pulled cable does: nothing is reset. */
  cut(): Promise<void>;
  /** Lets packets pass again, at full speed. */
  heal(): Promise<void>;
  /** Lets so many bits pass a second each way, such as `500kbit`; what is too fast waits, and is not lost. */
  slow(rate: string): Promise<void>;
  /** Bytes that have passed both ways so far. */
  bytes(): number;
  /** Removes it. Processes inside must have ended: they would keep it alive. */
  remove(): Promise<void>;
}

/** Why namespaces can't be made here, or false. */
export function networkMissing(): string | false {
  const missing = missingPrograms(['ip', 'tc', 'nsenter', 'unshare']);
  if (missing.length > 0) return `${missing.join(', ')} not found: apt-get install iproute2`;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const script = 'ip link add tw0 type veth peer name tw1 && tc qdisc add dev tw0 root blackhole';
  const trial = spawnSync('unshare', ['--net', 'sh', '-c', script], {
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  return trial.status === 0 ? false : `network namespaces don't work here: ${trial.stderr.trim()}`;
}

/** Makes a namespace with an address in 10.0.0.0/8 that is not in use here. */
export function createNamespace(): Promise<Namespace> {
  return withRetries(5, create);
}

async function create(): Promise<Namespace> {
  // A link's name has at most 15 characters: this one's ends are the name with h and n.
  const name = `tw-${randomBytes(5).toString('hex')}`;
  const [outer, inner] = [`${name}h`, `${name}n`];
  const subnet = await freeSubnet();
  const hostAddress = `${subnet}.1`;
  const address = `${subnet}.2`;
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-network-'));
  const guard = new Guard(folder, name);
  const inside = ['ip', '-n', name];

  const remove = async (): Promise<void> => {
    if (existsSync(`/sys/class/net/${outer}`)) await run(['ip', 'link', 'delete', outer]);
    if (existsSync(`/run/netns/${name}`)) await run(['ip', 'netns', 'delete', name]);
    await guard.dismiss();
  };
  try {
    await run(['ip', 'netns', 'add', name]);
    await run(['ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name]);
    await run(['ip', 'address', 'add', `${hostAddress}/30`, 'dev', outer]);
    await run([...inside, 'address', 'add', `${address}/30`, 'dev', inner]);
    await run(['ip', 'link', 'set', outer, 'up']);
    await run([...inside, 'link', 'set', inner, 'up']);
    await run([...inside, 'link', 'set', 'lo', 'up']);
    await run([...inside, 'route', 'add', 'default', 'via', hostAddress]);
    // With neighbours that are known for ever a cut gives silence, as behind a router, and not the
    // “no route to host” of an address that nobody in the same network answers for.
    const [ours, theirs] = [await hardwareAddress([], outer), await hardwareAddress(inside, inner)];
    await know(['ip'], address, theirs, outer);
    await know(inside, hostAddress, ours, inner);
  } catch (error) {
    await remove();
    throw error;
  }

  const setQueue = async (...kind: string[]): Promise<void> => {
    await run(['tc', 'qdisc', 'replace', 'dev', outer, 'root', ...kind]);
    await run(['tc', '-n', name, 'qdisc', 'replace', 'dev', inner, 'root', ...kind]);
  };
  const counted = (direction: string): number =>
    Number(readFileSync(`/sys/class/net/${outer}/statistics/${direction}_bytes`, 'utf8'));
  return {
    name,
    hostAddress,
    address,
    run: ['nsenter', `--net=/run/netns/${name}`, '--'],
    cut: () => setQueue('blackhole'),
    heal: () => setQueue('noqueue'),
    // Packets of a virtual cable may have 64 KiB, and each has to fit into the bucket.
    slow: (rate) => setQueue('tbf', 'rate', rate, 'burst', '128kb', 'limit', '1mb'),
    bytes: () => counted('rx') + counted('tx'),
    remove,
  };
}

/** The first three bytes of a block of four addresses that no route here leads to. */
async function freeSubnet(): Promise<string> {
  const routes = await run(['ip', '-4', 'route', 'show', 'table', 'all']);
  for (;;) {
    const [a, b] = randomBytes(2);
    const subnet = `10.${64 + (a! % 190)}.${b}`;
    if (!routes.includes(` ${subnet}.`) && !routes.startsWith(`${subnet}.`)) return subnet;
  }
}

async function hardwareAddress(inside: readonly string[], device: string): Promise<string> {
  const command = [...(inside.length === 0 ? ['ip'] : inside), '-j', 'link', 'show', device];
  const [link] = JSON.parse(await run(command)) as { address: string }[];
  return link!.address;
}

function know(ip: readonly string[], address: string, hardware: string, device: string) {
  return run(
    [...ip, 'neighbour', 'replace', address, 'lladdr', hardware].concat([
      'dev',
      device,
      'nud',
      'permanent',
    ]),
  );
}
