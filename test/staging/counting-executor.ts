import type { RunOptions } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import type { Task } from '../../src/parallel/task.ts';

/** Counts what is done, and stages groups apart if it is to be as one whose workers share no memory. */
export class CountingExecutor extends InlineExecutor {
  override readonly sharesMemory: boolean;
  /** By the name of the task; `slices`, `tiles built`, and `read back`: parts of these from files. */
  readonly counts: Record<string, number> = {};

  constructor(sharesMemory = true) {
    super();
    this.sharesMemory = sharesMemory;
  }

  count(what: string, some = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + some;
  }

  override async run(task: Task, options?: RunOptions): Promise<unknown> {
    this.count(task.name);
    if (task.name === 'staging.stage') this.count('slices');
    const [args] = task.args as [{ tiles?: { parts: object[] }[]; slices?: unknown[] }];
    this.count('slices', args.slices?.length ?? 0);
    for (const { parts } of args.tiles ?? []) {
      this.count('tiles built');
      this.count('read back', parts.filter((part) => 'shuffle' in part).length);
    }
    return super.run(task, options);
  }
}
