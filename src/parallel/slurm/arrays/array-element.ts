/** The program of an array's element: `array-element.ts FOLDER INDEX`. */

import { toTilewrightError } from '../../../core/errors.ts';
import { printable } from '../../../core/printable.ts';
import { runElement } from './element.ts';

const [folder, index] = process.argv.slice(2);

function log(line: string): void {
  process.stderr.write(`tilewright element ${index}: ${printable(line)}\n`);
}

try {
  const reason = await runElement(folder ?? '', Number(index));
  log(`ended, because ${reason}`);
  // Threads whose tasks nobody wants any more need not be waited for.
  process.exit(0);
} catch (error) {
  log(toTilewrightError(error).message);
  process.exit(1);
}
