/** Blocks that are pods of Kubernetes. Options are those of Parsl's provider, in camelCase. */

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { shellWord } from '../../../core/shell-word.ts';
import {
  type BlockLaunch,
  type BlockOptions,
  type BlockStatus,
  blockCounts,
  blockRules,
  type Provider,
} from '../../blocks/provider.ts';
import {
  checkOptions,
  flag,
  invalidOptions,
  listOf,
  type OptionRules,
  positive,
  seconds,
  text,
  textTable,
  word,
} from '../../options.ts';
import { initLines } from '../login-shell.ts';
import { clusterAccess } from './cluster-access.ts';
import { type Pod, PodApi } from './pod-api.ts';

/** Options of a {@link KubernetesProvider}. A block is one pod. `initBlocks` is 4, `maxBlocks` 10. */
export interface KubernetesProviderOptions extends BlockOptions {
  label?: string;
  /** Of the container, with Node.js and Tilewright; where they are not where they are here, see
   * `workerProgram` of the executor. */
  image: string;
  /** Default: `default`. */
  namespace?: string;
  /**
   * Path of a kubeconfig in JSON (`kubectl config view --raw --minify -o json`). Default: that of
   * `KUBECONFIG` or `~/.kube/config`, or, in a pod, its service account.
   */
  kubeconfig?: string;
  /** Cores that a pod may use. Default: 2. */
  maxCpu?: number;
  /** Memory that it may use. Default: `500Mi`. */
  maxMem?: string;
  /** Cores that are kept for it. Default: 1. */
  initCpu?: number;
  /** Memory that is kept for it. Default: `250Mi`. */
  initMem?: string;
  /** More that is kept for it, such as `{ 'nvidia.com/gpu': '1' }`. */
  extraRequests?: Readonly<Record<string, string>>;
  /** More that it may use. */
  extraLimits?: Readonly<Record<string, string>>;
  /** Name of the secret for pulling the image. */
  secret?: string;
  /** What pods' names begin with. Default: that of the executor. */
  podName?: string;
  /** User and group that the container runs as. */
  userId?: string;
  groupId?: string;
  runAsNonRoot?: boolean;
  /** Claims of persistent volumes, and where they are mounted; `runDir` must be on one. */
  persistentVolumes?: readonly (readonly [claim: string, mountPath: string])[];
  serviceAccountName?: string;
  annotations?: Readonly<Record<string, string>>;
  /** Seconds that the API server may take to answer. Default: 10. */
  cmdTimeout?: number;
  /** Seconds between two looks at the pods. Default: 5. */
  pollInterval?: number;
  /** Seconds that a pod may wait for an image that can't be had. Default: 60. */
  maxHeldTime?: number;
  /** Seconds that deleted pods are waited for. Default: 90. */
  cancelTimeout?: number;
}

const KIND = 'KubernetesProvider';
const isVolume = (item: unknown): boolean =>
  Array.isArray(item) && item.length === 2 && item.every((part) => word.holds(part));

const rules: OptionRules<KubernetesProviderOptions> = {
  ...blockRules,
  ...{ label: word, image: word, namespace: word, kubeconfig: word, podName: word, secret: word },
  ...{ maxCpu: positive('cores'), maxMem: word, initCpu: positive('cores'), initMem: word },
  ...{ extraRequests: textTable, extraLimits: textTable, annotations: textTable },
  ...{ userId: text, groupId: text, runAsNonRoot: flag, serviceAccountName: word },
  persistentVolumes: listOf('pairs of a claim and a path', isVolume),
  ...{ cmdTimeout: seconds(0.001), pollInterval: seconds(0.001) },
  ...{ maxHeldTime: seconds(), cancelTimeout: seconds() },
};

/** Seconds that a container has for its end before it is killed. */
const GRACE = 5;
/** Reasons of a waiting container that no time mends. */
const HELD = /ImagePull|InvalidImageName|CreateContainer(Config)?Error|RunContainerError|CrashLoop/;

/** Blocks that are pods of Kubernetes, by its API server alone. */
export class KubernetesProvider implements Provider {
  readonly label: string;
  readonly initBlocks: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly parallelism: number;
  readonly nodesPerBlock = 1;
  readonly onThisMachine = false;
  readonly pollMs: number;
  readonly #options: KubernetesProviderOptions;
  readonly #api: PodApi;
  /** Label of all pods of this provider. */
  readonly #run = randomBytes(6).toString('hex');
  readonly #heldSince = new Map<string, number>();
  /** What pods that have ended have printed. */
  readonly #logs = new Map<string, string>();

  /** @throws TilewrightError config-invalid */
  constructor(options: KubernetesProviderOptions) {
    checkOptions(KIND, options, rules);
    if (options.image === undefined) throw invalidOptions(KIND, 'image is missing');
    this.#options = options;
    this.label = options.label ?? 'kubernetes';
    const { minBlocks = 0, maxBlocks = Math.max(10, minBlocks, options.initBlocks ?? 0) } = options;
    const initBlocks = options.initBlocks ?? Math.min(Math.max(4, minBlocks), maxBlocks);
    ({
      initBlocks: this.initBlocks,
      minBlocks: this.minBlocks,
      maxBlocks: this.maxBlocks,
      parallelism: this.parallelism,
    } = blockCounts(KIND, { ...options, initBlocks, maxBlocks }));
    this.pollMs = (options.pollInterval ?? 5) * 1000;
    const timeoutMs = (options.cmdTimeout ?? 10) * 1000;
    const access = clusterAccess(options.kubeconfig);
    this.#api = new PodApi(access, options.namespace ?? 'default', timeoutMs);
  }

  get #runLabel(): string {
    return `tilewright-run=${this.#run}`;
  }

  async submit(launch: BlockLaunch): Promise<string> {
    const name = podName(this.#options.podName ?? launch.name, launch.blockId);
    await this.#api.create(this.#pod(name, launch));
    return name;
  }

  #pod(name: string, launch: BlockLaunch): object {
    const { image, workerInit = '', secret, serviceAccountName, annotations } = this.#options;
    const { maxCpu = 2, maxMem = '500Mi', initCpu = 1, initMem = '250Mi' } = this.#options;
    const { userId, groupId, runAsNonRoot, persistentVolumes = [] } = this.#options;
    const words = launch.command.map(shellWord).join(' ');
    const security = {
      ...(userId !== undefined && { runAsUser: Number(userId) }),
      ...(groupId !== undefined && { runAsGroup: Number(groupId) }),
      ...(runAsNonRoot !== undefined && { runAsNonRoot }),
    };
    const container = {
      ...{ name: 'worker', image },
      // Without lines for a shell, an image needs none.
      command:
        workerInit.trim() === ''
          ? launch.command
          : ['/bin/bash', '-l', '-c', `${initLines(workerInit)}exec ${words}`],
      resources: {
        requests: { cpu: String(initCpu), memory: initMem, ...this.#options.extraRequests },
        limits: { cpu: String(maxCpu), memory: maxMem, ...this.#options.extraLimits },
      },
      volumeMounts: persistentVolumes.map(([, mountPath], i) => ({ name: `v${i}`, mountPath })),
      securityContext: security,
    };
    return {
      ...{ apiVersion: 'v1', kind: 'Pod' },
      metadata: {
        name,
        labels: { 'tilewright-run': this.#run, 'tilewright-block': launch.blockId },
        ...(annotations !== undefined && { annotations }),
      },
      spec: {
        // Another block takes its place.
        restartPolicy: 'Never',
        containers: [container],
        volumes: persistentVolumes.map(([claimName], i) => ({
          name: `v${i}`,
          persistentVolumeClaim: { claimName },
        })),
        ...(secret !== undefined && { imagePullSecrets: [{ name: secret }] }),
        ...(serviceAccountName !== undefined && { serviceAccountName }),
      },
    };
  }

  async status(jobIds: readonly string[]): Promise<ReadonlyMap<string, BlockStatus>> {
    const pods = await this.#api.list(this.#runLabel).catch(() => null);
    if (pods === null) return new Map(jobIds.map((id) => [id, { state: 'unknown' }]));
    const byName = new Map(pods.map((pod) => [pod.metadata?.name ?? '', pod]));
    const states = new Map(jobIds.map((id) => [id, this.#statusOf(id, byName.get(id))]));
    for (const [id, { state }] of states) {
      if ((state !== 'completed' && state !== 'failed') || !byName.has(id)) continue;
      this.#logs.set(id, await this.#api.log(id));
      // It would stay until somebody took it away.
      await this.#api.delete(id, 0).catch(() => undefined);
    }
    return states;
  }

  #statusOf(id: string, pod: Pod | undefined): BlockStatus {
    const { phase, reason, message, containerStatuses = [] } = pod?.status ?? {};
    const { waiting, terminated } = containerStatuses[0]?.state ?? {};
    const held = phase === 'Pending' && HELD.test(waiting?.reason ?? '');
    if (!held) this.#heldSince.delete(id);
    // Somebody else has deleted it.
    if (pod === undefined || phase === 'Succeeded') return { state: 'completed' };
    if (phase === 'Failed') {
      const why = terminated?.reason ?? reason ?? 'Failed';
      const code = terminated?.exitCode === undefined ? '' : `, exit code ${terminated.exitCode}`;
      return {
        state: 'failed',
        reason: `${why}${code}${message === undefined ? '' : `: ${message}`}`,
      };
    }
    if (phase === 'Running') return { state: 'running' };
    if (phase === 'Unknown') return { state: 'unknown' };
    if (!held) return { state: 'pending' };
    const since = this.#heldSince.get(id) ?? performance.now();
    this.#heldSince.set(id, since);
    const stuck = performance.now() - since >= (this.#options.maxHeldTime ?? 60) * 1000;
    return {
      state: stuck ? 'stuck' : 'pending',
      reason: `${waiting?.reason}: ${waiting?.message ?? 'nothing more is told'}`,
    };
  }

  async cancel(jobIds: readonly string[]): Promise<void> {
    const until = performance.now() + (this.#options.cancelTimeout ?? 90) * 1000;
    for (let left = [...jobIds]; ; ) {
      try {
        await Promise.all(left.map((id) => this.#api.delete(id, GRACE)));
        const names = (await this.#api.list(this.#runLabel)).map((pod) => pod.metadata?.name ?? '');
        left = left.filter((id) => names.includes(id));
      } catch {
        // Asked again, while there is time.
      }
      if (left.length === 0 || performance.now() > until) return;
      await setTimeout(Math.min(this.pollMs, 1_000));
    }
  }

  errorOutput(jobId: string): string {
    return this.#logs.get(jobId) ?? '';
  }
}

/** A name as RFC 1123 has labels: small letters, digits and hyphens, 63 at the most. */
function podName(start: string, blockId: string): string {
  const plain = start
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '');
  return `${plain.slice(0, 62 - blockId.length) || 'tilewright'}-${blockId}`.replace(/--+/g, '-');
}
