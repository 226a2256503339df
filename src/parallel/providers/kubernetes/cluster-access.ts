/** How the API server of a Kubernetes cluster is reached, and as whom. */

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { invalidOptions } from '../../options.ts';

export interface ClusterAccess {
  /** `https://…`, without a slash at its end. */
  server: string;
  /** Read anew for each request: that of a pod changes. Null with a certificate. */
  token: (() => string) | null;
  /** In PEM, as is the rest; undefined for the system's. */
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  verify: boolean;
}

const KIND = 'KubernetesProvider';
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const text = z.string().min(1);
const named = <T extends z.ZodRawShape>(shape: T) =>
  z.array(z.object({ name: z.string(), ...shape })).default([]);

/** What of a kubeconfig is used, in the form of `kubectl config view --raw -o json`. */
const kubeconfig = z.object({
  'current-context': text,
  contexts: named({ context: z.object({ cluster: text, user: text.optional() }) }),
  clusters: named({
    cluster: z.object({
      server: z.string().regex(/^https?:\/\//),
      'certificate-authority': text.optional(),
      'certificate-authority-data': text.optional(),
      'insecure-skip-tls-verify': z.boolean().optional(),
    }),
  }),
  users: named({
    user: z.object({
      token: text.optional(),
      tokenFile: text.optional(),
      'client-certificate': text.optional(),
      'client-certificate-data': text.optional(),
      'client-key': text.optional(),
      'client-key-data': text.optional(),
      exec: z.unknown().optional(),
      'auth-provider': z.unknown().optional(),
    }),
  }),
});

/**
 * The kubeconfig that is named by the option or by `KUBECONFIG`, or `~/.kube/config`; else, in a pod,
 * its service account.
 * @throws TilewrightError config-invalid
 */
export function clusterAccess(
  given: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  account = ACCOUNT,
): ClusterAccess {
  const home = join(homedir(), '.kube', 'config');
  const path = given ?? environment['KUBECONFIG'] ?? (existsSync(home) ? home : undefined);
  if (path !== undefined) return fromKubeconfig(resolve(path));
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined || !existsSync(join(account, 'token'))) {
    throw invalidOptions(
      KIND,
      'there is no kubeconfig, and this process is in no pod: name one by the option kubeconfig',
    );
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    token: () => read(join(account, 'token')).trim(),
    ca: read(join(account, 'ca.crt')),
    ...{ cert: undefined, key: undefined, verify: true },
  };
}

function fromKubeconfig(path: string): ClusterAccess {
  const config = parse(path);
  const current = config['current-context'];
  const context = config.contexts.find(({ name }) => name === current)?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  if (context === undefined || cluster === undefined) {
    throw invalidOptions(KIND, `${path} has no context ${current}, or not its cluster`);
  }
  const user = config.users.find(({ name }) => name === context.user)?.user ?? {};
  if (user.exec !== undefined || user['auth-provider'] !== undefined) {
    throw invalidOptions(
      KIND,
      `${path} gets its token from a program, which is not run here: put a token of a service account ` +
        'in its place (`kubectl create token NAME`)',
    );
  }
  const pem = (file: string | undefined, data: string | undefined): string | undefined => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString();
    return file === undefined ? undefined : read(resolve(dirname(path), file));
  };
  const { token, tokenFile } = user;
  const file = tokenFile === undefined ? undefined : resolve(dirname(path), tokenFile);
  const server = cluster.server.replace(/\/+$/, '');
  const access = {
    server,
    token: file !== undefined ? () => read(file).trim() : token === undefined ? null : () => token,
    ca: pem(cluster['certificate-authority'], cluster['certificate-authority-data']),
    cert: pem(user['client-certificate'], user['client-certificate-data']),
    key: pem(user['client-key'], user['client-key-data']),
    verify: cluster['insecure-skip-tls-verify'] !== true,
  };
  const { hostname } = new URL(server);
  if (server.startsWith('https:') || /^(127\.|\[::1\]$|localhost$)/.test(hostname)) return access;
  throw invalidOptions(KIND, `${path} names ${server}, which everybody on the way could read`);
}

function parse(path: string): z.infer<typeof kubeconfig> {
  const content = read(path);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw invalidOptions(
      KIND,
      `${path} is not JSON, the only form of a kubeconfig that is read here: write one with ` +
        '`kubectl config view --raw --minify -o json > kubeconfig.json`, and name it by the option ' +
        'kubeconfig',
    );
  }
  const result = kubeconfig.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalidOptions(KIND, `${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalidOptions(KIND, `${path} can't be read: ${(error as Error).message}`);
  }
}
