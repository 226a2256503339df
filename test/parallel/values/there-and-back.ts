/** Sends random values to an executor's workers and back. */

import assert from 'node:assert/strict';
import { Random } from '../../../src/core/random.ts';
import { type Executor, TilewrightError } from '../../../src/parallel.ts';
import { seedOf } from '../../soak/rounds.ts';
import { RandomValues } from './random-values.ts';

/** @param executor - that knows the tests' tasks */
export async function checkRandomValues(executor: Executor, count: number): Promise<void> {
  const values = new RandomValues(new Random(seedOf(1000)));
  const sent = Array.from({ length: count }, () => values.next());
  const got = await Promise.all(
    sent.map((value) => executor.run({ name: 'tasks.echo', args: [value] })),
  );
  for (const [i, value] of sent.entries()) assert.deepStrictEqual(got[i], value, `value ${i}`);

  for (let i = 0; i < 200; i++) {
    const { value, place, what } = values.refused();
    const position = i % 3;
    const args = [1, 'two', [3]].slice(0, position);
    const error = await executor.run({ name: 'tasks.echo', args: [...args, value] }).then(
      () => assert.fail(`it was sent: ${place}`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof TilewrightError);
    assert.equal(error.code, 'task-arguments');
    const where = `argument ${position + 1}${place === '' ? '' : `, ${place},`} is `;
    assert.ok(error.message.includes(where), `${error.message} names not ${where}`);
    const said = error.message.slice(error.message.indexOf(where) + where.length);
    assert.match(said.replace(/\. Pass the data.*$/, ''), what);
  }
}
