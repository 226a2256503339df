/** What a machine has, as far as a process there may use it. Sizes are bytes. */

export interface MachineInfo {
  host: string;
  /** `linux`, `darwin`, `win32` …, and the release of the system. */
  platform: string;
  release: string;
  node: string;
  /** Model of the processor, as the system names it. */
  processor: string;
  /** Cores that there are, and those that this process may use: affinity and cgroup counted. */
  cores: number;
  usableCores: number;
  /** Cores' worth of time that the cgroup allows (`cpu.max`, `cpu.cfs_quota_us`); null: no limit. */
  cpuQuota: number | null;
  memory: number;
  /** Least of the limits of the cgroups that the process is in; null: no limit. */
  memoryLimit: number | null;
  /** Bytes a second of the strictest limit of the cgroups on any disk; null: no limit. */
  diskReadLimit: number | null;
  diskWriteLimit: number | null;
  /** Whether the system tells how long processes waited for what (PSI). */
  pressure: boolean;
}

/** The file system that holds a path. */
export interface FileSystemInfo {
  path: string;
  mountPoint: string;
  /** `ext4`, `nfs4`, `fuse.sshfs` …; `unknown` where the system does not tell. */
  type: string;
  /** Whether its data are on another machine. */
  network: boolean;
  /** Bytes. */
  free: number;
}

/** What was measured of a disk and its file system, in bytes a second; null: was not measured. */
export interface DiskSpeed {
  read: number | null;
  write: number | null;
}
