/**
 * Stands in for a Kubernetes API server: pods of one namespace, which run as processes of this machine.
 * Requests and answers have the form of the API reference of core/v1 Pod and meta/v1 Status.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

interface PodBody {
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    restartPolicy: string;
    containers: { image: string; command: string[]; resources: unknown; volumeMounts: unknown }[];
  };
}

interface RunningPod {
  body: PodBody;
  child: ChildProcess | null;
  log: string;
  phase: string;
  exitCode: number | null;
}

export class ApiServer {
  readonly pods = new Map<string, RunningPod>();
  /** All pods that were ever asked for. */
  readonly created: PodBody[] = [];
  /** Answers with this instead. */
  answer: { status: number; body: string } | null = null;
  /** Images can't be had. */
  noImages = false;
  readonly #token: string;
  readonly #server: Server;

  constructor(token: string, tls?: { key: string; cert: string }) {
    this.#token = token;
    const listener: RequestListener = (request, response) => {
      let text = '';
      request.on('data', (part) => {
        text += part;
      });
      request.on('end', () => {
        const url = new URL(request.url!, 'http://x');
        const [status, body] = this.#handle(
          request.method!,
          url,
          text,
          request.headers.authorization,
        );
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    };
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    for (const { child } of this.pods.values()) child?.kill('SIGKILL');
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #handle(method: string, url: URL, text: string, authorization?: string): [number, unknown] {
    if (authorization !== `Bearer ${this.#token}`) return status(401, 'Unauthorized');
    if (this.answer !== null) return [this.answer.status, this.answer.body];
    const path = /^\/api\/v1\/namespaces\/science\/pods(?:\/([^/]+)(\/log)?)?$/.exec(url.pathname);
    if (path === null) return status(404, `no such path: ${url.pathname}`);
    const [, name, log] = path;
    if (method === 'POST' && name === undefined) return this.#create(JSON.parse(text) as PodBody);
    if (method === 'GET' && name === undefined)
      return this.#list(url.searchParams.get('labelSelector'));
    const pod = this.pods.get(name ?? '');
    if (pod === undefined) return status(404, `pods "${name}" not found`);
    if (log !== undefined) return [200, pod.log];
    pod.child?.kill(url.searchParams.get('gracePeriodSeconds') === '0' ? 'SIGKILL' : 'SIGTERM');
    if (pod.child === null || pod.phase !== 'Running') this.pods.delete(name!);
    else pod.child.once('exit', () => this.pods.delete(name!));
    return [200, { kind: 'Pod' }];
  }

  #create(body: PodBody): [number, unknown] {
    const { name } = body.metadata;
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      return status(422, `Pod "${name}" is invalid`);
    }
    this.created.push(body);
    const [program, ...words] = body.spec.containers[0]!.command as [string, ...string[]];
    const pod: RunningPod = { body, child: null, log: '', phase: 'Pending', exitCode: null };
    this.pods.set(name, pod);
    if (!this.noImages) {
      const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (part) => {
          pod.log += part;
        });
      }
      Object.assign(pod, { child, phase: 'Running' });
      child.on('exit', (code) => {
        Object.assign(pod, { phase: code === 0 ? 'Succeeded' : 'Failed', exitCode: code ?? 137 });
      });
    }
    return [201, body];
  }

  #list(selector: string | null): [number, unknown] {
    const [key, value] = (selector ?? '=').split('=') as [string, string];
    const pods = [...this.pods.values()].filter(({ body }) => body.metadata.labels[key] === value);
    const items = pods.map(({ body, phase, exitCode }) => {
      const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' };
      const terminated = { reason: 'Error', exitCode };
      const state = phase === 'Pending' ? { waiting } : exitCode === null ? {} : { terminated };
      return { ...body, status: { phase, containerStatuses: [{ state }] } };
    });
    return [200, { kind: 'PodList', items }];
  }
}

function status(code: number, message: string): [number, unknown] {
  return [code, { kind: 'Status', status: 'Failure', message, code }];
}
