/** How long, and how often, a server is waited for. */

export interface Limits {
  /** Until a connection stands and the head of the answer is there, in milliseconds. */
  headMs: number;
  /** Without a byte of the body, in milliseconds. */
  idleMs: number;
  /** How often a request is sent before it is given up. */
  attempts: number;
  /** Before the second time, in milliseconds; twice as long before each further one. */
  pauseMs: number;
}

export const LIMITS: Readonly<Limits> = {
  headMs: 30_000,
  idleMs: 30_000,
  attempts: 5,
  pauseMs: 250,
};
