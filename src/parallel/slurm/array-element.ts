/** The program of an array's element: `array-element.ts FOLDER INDEX`. */

import { toTilewrightError } from '../../core/errors.ts';
import { runElement } from './element.ts';

const [folder, index] = process.argv.slice(2);

try {
  const reason = await runElement(folder ?? '', Number(index));
  process.stderr.write(`tilewright element ${index}: ended, because ${reason}\n`);
  // Threads whose tasks nobody wants any more need not be waited for.
  process.exit(0);
} catch (error) {
  process.stderr.write(`tilewright element ${index}: ${toTilewrightError(error).message}\n`);
  process.exit(1);
}
