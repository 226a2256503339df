/** The few calls of a Kubernetes API server that blocks need: core/v1, pods of one namespace. */

import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { TilewrightError } from '../../../core/errors.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** What of a pod is looked at. */
export interface Pod {
  metadata?: { name?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    containerStatuses?: {
      state?: {
        waiting?: { reason?: string; message?: string };
        terminated?: { reason?: string; exitCode?: number };
      };
    }[];
  };
}

interface Answer {
  status: number;
  body: string;
}

const MAX_ANSWER = 64 * 2 ** 20;
/** Answers after which the same request may succeed later. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

export class PodApi {
  readonly #access: ClusterAccess;
  readonly #path: string;
  readonly #timeoutMs: number;

  constructor(access: ClusterAccess, namespace: string, timeoutMs: number) {
    this.#access = access;
    this.#path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws TilewrightError block-failed if it is refused, scheduler (retryable) if nobody answers */
  async create(pod: object): Promise<void> {
    await this.#call('POST', this.#path, pod);
  }

  /** Pods that have this label. @throws TilewrightError as create does */
  async list(label: string): Promise<Pod[]> {
    const path = `${this.#path}?labelSelector=${encodeURIComponent(label)}`;
    const { items } = JSON.parse((await this.#call('GET', path)).body) as { items?: unknown };
    return Array.isArray(items) ? items : [];
  }

  /** That there is none with this name is no error. */
  async delete(name: string, graceSeconds: number): Promise<void> {
    const path = `${this.#path}/${encodeURIComponent(name)}?gracePeriodSeconds=${graceSeconds}`;
    await this.#call('DELETE', path);
  }

  /** The end of what its container has printed; empty if that can't be had. */
  async log(name: string): Promise<string> {
    const path = `${this.#path}/${encodeURIComponent(name)}/log?tailLines=40&limitBytes=20000`;
    return await this.#call('GET', path).then(
      ({ body }) => body,
      () => '',
    );
  }

  async #call(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.#request(method, path, body);
    const { status } = answer;
    if (status < 300 || (status === 404 && method === 'DELETE')) return answer;
    const reason = `${status} ${messageOf(answer.body)}`;
    if (PASSING.has(status)) throw noAnswer(reason);
    const rights = ' (it needs the rights to create, list, delete pods and to get pods/log)';
    throw new TilewrightError(
      'block-failed',
      `Kubernetes refuses: ${reason}${status === 401 || status === 403 ? rights : ''}`,
    );
  }

  #request(method: string, path: string, body?: object): Promise<Answer> {
    const { server, token, ca, cert, key, verify } = this.#access;
    const url = new URL(`${server}${path}`);
    const content = body === undefined ? '' : JSON.stringify(body);
    const headers: Record<string, string | number> = {
      accept: 'application/json, text/plain',
      'content-length': Buffer.byteLength(content),
      ...(content !== '' && { 'content-type': 'application/json' }),
      ...(token !== null && { authorization: `Bearer ${token()}` }),
    };
    const tls = { ca, cert, key, rejectUnauthorized: verify };
    const options = { method, headers, signal: AbortSignal.timeout(this.#timeoutMs) };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(noAnswer(error.message));
      const request =
        url.protocol === 'https:'
          ? tlsRequest(url, { ...options, ...tls })
          : plainRequest(url, options);
      request.on('error', fail).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('error', fail);
        response.on('data', (part: string) => {
          text += part;
          if (text.length > MAX_ANSWER) request.destroy(new Error('the answer does not end'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      request.end(content);
    });
  }
}

/** That of an object of kind Status, or the beginning of whatever it is. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // A proxy on the way may answer in a language of its own.
  }
  return body.slice(0, 300);
}

function noAnswer(reason: string): TilewrightError {
  return new TilewrightError('scheduler', `Kubernetes has no answer now: ${reason}`, {
    retryable: true,
  });
}
