import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTE_SIZE } from '../../src/plot/layout.ts';
import { shortNames } from '../../src/plot/legend.ts';
import { textWidth } from '../../src/plot/lettering.ts';

test('names of inputs stay as they are where they fit, and apart where they do not', () => {
  assert.deepEqual(shortNames(['a.gpkg', 'b.gpkg'], 200), ['a.gpkg', 'b.gpkg']);
  const scenes = [3, 4, 12].map(
    (day) =>
      `region/WV02_2019070000000000000${String(day).padStart(2, '0')}_u16rf3413_pansh_and_more.gpkg`,
  );
  const short = shortNames(scenes, 150);
  assert.equal(new Set(short).size, 3);
  for (const [i, name] of short.entries()) {
    assert.ok(textWidth(name, NOTE_SIZE) <= 150, name);
    assert.match(name, new RegExp(`^….*${['03', '04', '12'][i]}.*…$`));
  }
  const one = shortNames([scenes[0]!], 150);
  assert.match(one[0]!, /^region.*….*gpkg$/);
});
