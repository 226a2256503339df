/** Blocks that are pods, on a server that stands in for that of Kubernetes. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { HighThroughputExecutor } from '../../../src/parallel/blocks/high-throughput-executor.ts';
import { clusterAccess } from '../../../src/parallel/providers/kubernetes/cluster-access.ts';
import {
  KubernetesProvider,
  type KubernetesProviderOptions,
} from '../../../src/parallel/providers/kubernetes/kubernetes-provider.ts';
import { PodApi } from '../../../src/parallel/providers/kubernetes/pod-api.ts';
import { assertNoneLeft, markedEnvironment } from '../../integration/engines/processes.ts';
import { missingPrograms } from '../../integration/engines/programs.ts';
import { task } from '../contract-tasks.ts';
import { ApiServer } from './api-server.ts';

const TOKEN = 'a token';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-kubernetes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function kubeconfig(folder: string, cluster: object, user: object = { token: TOKEN }): string {
  const path = join(folder, 'kubeconfig.json');
  const config = {
    ...{ kind: 'Config', apiVersion: 'v1', 'current-context': 'here' },
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function cluster(t: TestContext): Promise<{
  server: ApiServer;
  config: string;
  make(options?: Partial<KubernetesProviderOptions>): HighThroughputExecutor;
}> {
  const folder = folderFor(t);
  const server = new ApiServer(TOKEN);
  const port = await server.start();
  const config = kubeconfig(folder, { server: `http://127.0.0.1:${port}/` });
  const executors: HighThroughputExecutor[] = [];
  t.after(async () => {
    await Promise.all(executors.map((executor) => executor.shutdown()));
    server.stop();
  });
  const common = { image: 'node:24', namespace: 'science', kubeconfig: config, pollInterval: 0.2 };
  return {
    ...{ server, config },
    make(options = {}) {
      const provider = new KubernetesProvider({
        ...common,
        initBlocks: 1,
        maxBlocks: 1,
        ...options,
      });
      const executor = new HighThroughputExecutor({
        ...{ provider, address: '127.0.0.1', runDir: join(folder, 'run'), label: 'My_Pods' },
      });
      executors.push(executor);
      return executor;
    },
  };
}

suite('blocks of Kubernetes', () => {
  test('tasks run in pods, and nothing is left', async (t) => {
    const { mark, env } = markedEnvironment();
    Object.assign(process.env, env);
    const { server, make } = await cluster(t);
    const executor = make({ initBlocks: 2, maxBlocks: 2, workerInit: 'export A=1' });
    const results = await Promise.all([1, 2, 3, 4].map((i) => executor.run(task('echo', i))));
    assert.deepEqual(results, [1, 2, 3, 4]);
    await executor.shutdown();
    assert.equal(server.pods.size, 0);
    for (const name of Object.keys(env)) delete process.env[name];
    await assertNoneLeft(mark, 10_000);
  });

  // Fields are those of the API reference, core/v1 PodSpec; names of options those of Parsl/parsl,
  // parsl/providers/kubernetes/kube.py.
  test('what the options say is in the pod', async (t) => {
    const { server, make } = await cluster(t);
    const executor = make({
      ...{ maxCpu: 4, maxMem: '2Gi', initCpu: 0.5, extraLimits: { 'nvidia.com/gpu': '1' } },
      ...{ secret: 's', serviceAccountName: 'sa', annotations: { a: 'b' }, userId: '1000' },
      ...{ groupId: '100', runAsNonRoot: true, persistentVolumes: [['claim', '/data']] },
    });
    assert.equal(await executor.run(task('echo', 1)), 1);
    const { metadata, spec } = server.created[0] as unknown as Record<
      string,
      Record<string, unknown>
    >;
    assert.match(metadata!['name'] as string, /^tilewright-my-pods-[0-9a-f]{12}$/);
    const { containers, ...rest } = spec as { containers: [Record<string, unknown>] };
    assert.deepEqual(metadata!['annotations'], { a: 'b' });
    assert.deepEqual(rest, {
      restartPolicy: 'Never',
      volumes: [{ name: 'v0', persistentVolumeClaim: { claimName: 'claim' } }],
      imagePullSecrets: [{ name: 's' }],
      serviceAccountName: 'sa',
    });
    const { name, image, command, ...container } = containers[0];
    assert.deepEqual([name, image], ['worker', 'node:24']);
    assert.equal((command as string[])[0], process.execPath);
    assert.deepEqual(container, {
      resources: {
        requests: { cpu: '0.5', memory: '250Mi' },
        limits: { cpu: '4', memory: '2Gi', 'nvidia.com/gpu': '1' },
      },
      volumeMounts: [{ name: 'v0', mountPath: '/data' }],
      securityContext: { runAsUser: 1000, runAsGroup: 100, runAsNonRoot: true },
    });
  });

  test('a pod that fails tells its log; one whose image is not there, why it waits', async (t) => {
    const { server, make } = await cluster(t);
    const failing = make({ workerInit: 'echo no such module >&2\nfalse' });
    await assert.rejects(failing.run(task('echo', 1)), {
      code: 'block-failed',
      message: /3 blocks in a row.*\(Error, exit code 1\).*no such module/s,
    });
    await failing.shutdown();
    server.noImages = true;
    await assert.rejects(make({ maxHeldTime: 0.3 }).run(task('echo', 1)), {
      code: 'block-failed',
      message: /would never have started \(ImagePullBackOff: Back-off pulling/,
    });
    assert.equal(server.pods.size, 0);
  });

  test('refusals and silence are told apart', async (t) => {
    const { server, make, config } = await cluster(t);
    const api = new PodApi(clusterAccess(config), 'science', 1_000);
    server.answer = { status: 503, body: 'upstream' };
    await assert.rejects(api.list('a=b'), {
      code: 'scheduler',
      retryable: true,
      message: /503 upstream/,
    });
    server.answer = { status: 200, body: '{}' };
    assert.deepEqual(await api.list('a=b'), []);
    server.answer = null;
    await api.delete('never-there', 0);
    await assert.rejects(api.create({ metadata: { name: 'A B' } }), {
      code: 'block-failed',
      message: /refuses: 422 Pod "A B" is invalid/,
    });
    await assert.rejects(make({ namespace: 'other' }).run(task('echo', 1)), {
      code: 'block-failed',
      message: /404 no such path/,
    });
    server.stop();
    await assert.rejects(api.list('a=b'), { code: 'scheduler', retryable: true });
  });
});

suite('access to a cluster of Kubernetes', () => {
  const refused = (path: string): string => {
    try {
      clusterAccess(path);
      return '';
    } catch (error) {
      assert.equal((error as { code: string }).code, 'config-invalid');
      return (error as Error).message;
    }
  };

  test('what a kubeconfig can not say here is refused with what to do', (t) => {
    const folder = folderFor(t);
    const server = 'https://api.example.org:6443';
    const yaml = join(folder, 'config');
    writeFileSync(yaml, 'apiVersion: v1\nkind: Config\n');
    assert.match(refused(yaml), /is not JSON.*kubectl config view --raw --minify -o json/);
    const exec = { exec: { command: 'aws' } };
    assert.match(refused(kubeconfig(folder, { server }, exec)), /kubectl create token/);
    assert.match(
      refused(kubeconfig(folder, { server: 'http://10.0.0.1' })),
      /everybody on the way/,
    );
    assert.match(
      refused(kubeconfig(folder, { server: 'ftp://x' })),
      /clusters\.0\.cluster\.server/,
    );
    assert.match(refused(join(folder, 'absent')), /absent/);
    assert.throws(() => clusterAccess(undefined, { KUBECONFIG: yaml }), /is not JSON/);
    assert.throws(() => new KubernetesProvider({} as never), /image is missing/);
    assert.throws(
      () => new KubernetesProvider({ image: 'a', imag: 1 } as never),
      /Did you mean image/,
    );
  });

  test('certificates, tokens in files, and the service account of a pod', (t) => {
    const folder = folderFor(t);
    writeFileSync(join(folder, 'token'), 'first\n');
    writeFileSync(join(folder, 'ca.crt'), 'PEM');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const access = clusterAccess(
      kubeconfig(
        folder,
        { server: 'https://a:6443/', 'certificate-authority': 'ca.crt' },
        {
          'client-certificate-data': base64('C'),
          'client-key-data': base64('K'),
          tokenFile: 'token',
        },
      ),
    );
    assert.deepEqual(
      { ...access, token: access.token?.() },
      { server: 'https://a:6443', ca: 'PEM', cert: 'C', key: 'K', verify: true, token: 'first' },
    );
    const home = process.env['HOME'];
    mkdirSync(join(folder, 'home'));
    process.env['HOME'] = join(folder, 'home');
    try {
      const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
      const inPod = clusterAccess(undefined, pod, folder);
      assert.equal(inPod.server, 'https://[fd00::1]:443');
      // Kubernetes renews it.
      writeFileSync(join(folder, 'token'), 'second\n');
      assert.equal(inPod.token!(), 'second');
      assert.throws(() => clusterAccess(undefined, {}, folder), /there is no kubeconfig/);
    } finally {
      process.env['HOME'] = home;
    }
  });

  const missing = missingPrograms(['openssl']);
  const skip = missing.length > 0 && 'openssl not found: apt-get install openssl';
  test('a server with another certificate gets no token', { skip }, async (t) => {
    const folder = folderFor(t);
    const certificate = (name: string): { key: string; cert: string } => {
      const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
      const words = [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=x',
      ];
      const address = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
      execFileSync('openssl', [...words, ...address], { stdio: 'ignore' });
      return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    };
    const [own, other] = [certificate('own'), certificate('other')];
    const server = new ApiServer(TOKEN, own);
    const address = `https://127.0.0.1:${await server.start()}`;
    t.after(() => server.stop());
    const api = (ca: string): PodApi => {
      const data = {
        server: address,
        'certificate-authority-data': Buffer.from(ca).toString('base64'),
      };
      return new PodApi(clusterAccess(kubeconfig(folder, data)), 'science', 5_000);
    };
    assert.deepEqual(await api(own.cert).list('a=b'), []);
    await assert.rejects(api(other.cert).list('a=b'), {
      code: 'scheduler',
      message: /certificate/,
    });
  });
});
