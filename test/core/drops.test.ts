import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DropCounter, type DropJson } from '../../src/core/drops.ts';
import { Random } from '../../src/core/random.ts';

test('counts by reason, keeps the first five positions, sorts the reasons', () => {
  const drops = new DropCounter();
  for (let position = 1; position <= 7; position++) drops.add('not a polygon', position);
  drops.add('empty geometry', -3);
  assert.equal(drops.total, 8);
  assert.equal(
    JSON.stringify(drops),
    '{"empty geometry":{"count":1,"positions":[-3]},' +
      '"not a polygon":{"count":7,"positions":[1,2,3,4,5]}}',
  );
});

test('what toJSON gave does not change afterwards', () => {
  const drops = new DropCounter();
  drops.add('unclosed ring', 1);
  const before = drops.toJSON();
  drops.add('unclosed ring', 2);
  assert.deepEqual(before, { 'unclosed ring': { count: 1, positions: [1] } });
});

test('slices merge to the same counts and positions in any order', () => {
  const random = new Random(7);
  const reasons = ['null geometry', 'empty geometry', 'malformed geometry'] as const;
  const whole = new DropCounter();
  const slices: DropJson[] = [];
  for (let slice = 0; slice < 6; slice++) {
    const part = new DropCounter();
    for (let i = 0; i < 1 + random.integer(9); i++) {
      const reason = reasons[random.integer(3)]!;
      part.add(reason, 100 * slice + i);
      whole.add(reason, 100 * slice + i);
    }
    slices.push(JSON.parse(JSON.stringify(part)));
  }
  for (const order of [slices, slices.toReversed(), [...slices.slice(3), ...slices.slice(0, 3)]]) {
    const merged = new DropCounter();
    for (const slice of order) merged.merge(slice);
    assert.deepEqual(merged.toJSON(), whole.toJSON());
    assert.equal(merged.total, whole.total);
  }
});
