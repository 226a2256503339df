/** The configuration of a Slurm cluster whose nodes all live on this machine. */

import type { Namespace } from './network.ts';

export type NodeName = 'node1' | 'node2';

export interface SlurmOptions {
  /** Processors of each node, whatever this machine has; default: 2. */
  cpusPerNode?: number;
  /** Memory of each node, in MiB; nothing holds jobs to it; default: 4,000. */
  memoryPerNode?: number;
  /** How long the controller remembers a job that has ended, in seconds; default: 300. */
  minJobAgeSeconds?: number;
  /** After how long a node that does not answer is down, in seconds; default: 10. */
  slurmdTimeoutSeconds?: number;
  /** Time between the two signals that end a job, TERM and KILL, in seconds; default: 2. */
  killWaitSeconds?: number;
  /** Nodes that live in a network namespace of their own, so that their cable can be pulled. */
  namespaces?: Partial<Record<NodeName, Namespace>>;
  /** Further lines. */
  extra?: readonly string[];
}

/** What differs between clusters of the same options. */
export interface SlurmPlace {
  folder: string;
  controllerAddress: string;
  controllerPort: number;
  nodes: readonly { name: NodeName; address: string; port: number }[];
}

/** The text of `slurm.conf`. */
export function slurmConfig(options: SlurmOptions, place: SlurmPlace): string {
  const { folder } = place;
  const { cpusPerNode = 2, memoryPerNode = 4_000 } = options;
  const nodes = place.nodes.map(
    ({ name, address, port }) =>
      `NodeName=${name} NodeHostname=localhost NodeAddr=${address} Port=${port} ` +
      `CPUs=${cpusPerNode} RealMemory=${memoryPerNode}`,
  );
  return [
    'ClusterName=test',
    `SlurmctldHost=localhost(${place.controllerAddress})`,
    `SlurmctldPort=${place.controllerPort}`,
    // Daemons listen for this machine alone, unless some of them live in another network.
    ...(options.namespaces === undefined
      ? ['CommunicationParameters=NoCtldInAddrAny,NoInAddrAny']
      : []),
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    'CredType=cred/munge',
    // A job that is to run again waits until its first credential has expired.
    `AuthInfo=socket=${folder}/munge.sock,cred_expire=5`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool/%n`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd-%n.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd-%n.log`,
    // No cgroups, no accounting database, no mail.
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/linux',
    'AccountingStorageType=accounting_storage/none',
    'JobCompType=jobcomp/filetxt',
    `JobCompLoc=${folder}/jobs.log`,
    'MailProg=/bin/true',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core_Memory',
    'DefMemPerCPU=500',
    'SlurmdParameters=config_overrides',
    // A node that was down is of use again as soon as it registers.
    'ReturnToService=2',
    `SlurmdTimeout=${options.slurmdTimeoutSeconds ?? 10}`,
    `KillWait=${options.killWaitSeconds ?? 2}`,
    `MinJobAge=${options.minJobAgeSeconds ?? 300}`,
    'JobRequeue=1',
    'SchedulerParameters=bf_interval=2,sched_min_interval=100000,batch_sched_delay=0',
    ...nodes,
    'PartitionName=test Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP',
    ...(options.extra ?? []),
    '',
  ].join('\n');
}
