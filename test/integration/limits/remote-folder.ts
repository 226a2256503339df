/** A folder that is reached through a network: mounted with sshfs from a server in a namespace. */

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../engines/daemon.ts';
import { type Namespace, networkMissing } from '../engines/network.ts';
import { waitUntil } from '../engines/processes.ts';
import { freePorts, missingPrograms, run, withRetries } from '../engines/programs.ts';

export interface RemoteFolder {
  /** Where it is mounted. */
  readonly path: string;
  /** Unmounts it and ends its server. */
  remove(): Promise<void>;
}

/** Why nothing can be mounted through a network here, or false. */
export function remoteMissing(): string | false {
  const missing = missingPrograms(['sshfs', 'sshd', 'ssh', 'ssh-keygen', 'umount']);
  if (missing.length > 0) {
    return `${missing.join(', ')} not found: apt-get install sshfs openssh-server openssh-client`;
  }
  if (!existsSync('/dev/fuse')) return 'there is no /dev/fuse: modprobe fuse';
  return networkMissing();
}

/**
 * Mounts a folder of this machine through the namespace's cable.
 * @param parent - gets a folder for keys, logs and the mount; its guard unmounts what is left there
 */
export function mountRemote(
  parent: string,
  folder: string,
  namespace: Namespace,
): Promise<RemoteFolder> {
  return withRetries(3, () => mount(parent, folder, namespace));
}

async function mount(parent: string, folder: string, namespace: Namespace): Promise<RemoteFolder> {
  const place = mkdtempSync(join(parent, 'remote-'));
  const path = join(place, 'mount');
  mkdirSync(path);
  for (const name of ['host', 'user']) {
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(place, name)]);
  }
  copyFileSync(join(place, 'user.pub'), join(place, 'authorized'));
  chmodSync(join(place, 'authorized'), 0o600);
  const [port] = await freePorts(1);
  const config = join(place, 'sshd.conf');
  const lines = [
    `Port ${port}`,
    // Only the namespace has this address.
    `ListenAddress ${namespace.address}`,
    `HostKey ${place}/host`,
    `AuthorizedKeysFile ${place}/authorized`,
    // The folder is below one that everybody may write to.
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'PidFile none',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  // Debian's service makes this folder, which the server insists on.
  mkdirSync('/run/sshd', { recursive: true });
  // It has to be called with its whole path.
  const program = existsSync('/usr/sbin/sshd') ? '/usr/sbin/sshd' : '/usr/bin/sshd';
  const log = join(place, 'sshd.log');
  const server = new Daemon([...namespace.run, program, '-D', '-e', '-f', config], parent, log);
  const options = [
    `IdentityFile=${place}/user`,
    `UserKnownHostsFile=${place}/known`,
    'StrictHostKeyChecking=accept-new',
  ];
  const client = new Daemon(
    ['sshfs', '-f', `root@${namespace.address}:${folder}`, path].concat([
      ...['-p', String(port), '-F', 'none', '-o', options.join(',')],
    ]),
    parent,
    join(place, 'sshfs.log'),
  );
  const isMounted = (): Promise<boolean> =>
    run(['mountpoint', '-q', path]).then(
      () => true,
      () => false,
    );
  const isListening = async (): Promise<boolean> =>
    existsSync(log) && readFileSync(log, 'utf8').includes('Server listening');
  const isLeft = async (): Promise<boolean> =>
    (await run(['ip', 'netns', 'pids', namespace.name])).trim() === '';
  const remove = async (): Promise<void> => {
    if (client.running) await run(['umount', '-l', path]).catch(() => undefined);
    await client.kill('SIGTERM');
    await server.kill('SIGTERM');
    // The server's side of the connection ends by itself, a moment later.
    await waitUntil(isLeft, 10_000, 'the namespace to have no process');
  };
  try {
    server.start();
    await server.ready(isListening);
    client.start();
    await client.ready(isMounted);
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}
