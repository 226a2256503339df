/** What the parts of the page know of the whole. */

import type { FolderInfo } from '../shared/messages.ts';
import type { State } from './state.ts';

export interface Host {
  readonly info: FolderInfo;
  readonly state: State;
  /** The choice of inputs as the server takes it. */
  readonly inputs: string;
  /** Changes the state, as a new step of the history. */
  change(part: Partial<State>): void;
  /** Tells of an error, unless it only says that an answer was not waited for. */
  report(error: unknown): void;
}
