/** The programs and commands of a page, as a reader would write them down and run them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something to run, and what it then prints; null if the page doesn't say. */
export interface Step {
  /** Lines for a shell. */
  command: string;
  output: string | null;
}

export interface GuidePrograms {
  /** Contents by name: of blocks that begin with `// NAME`. */
  files: Map<string, string>;
  /** In the order of the page: blocks of commands, and programs that no command runs. */
  steps: Step[];
}

/** A block of text says what the program or the commands before it print. */
export function guidePrograms(root: string, page: string): GuidePrograms {
  const text = readFileSync(join(root, page), 'utf8');
  const files = new Map<string, string>();
  const steps: Step[] = [];
  const commands = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code!).join('\n');
  for (const [, language, code] of text.matchAll(/^```(\w*)\n(.*?)^```$/gms)) {
    const name = /^\/\/ (\S+)\n/.exec(code!)?.[1];
    // What is compared with.
    if (language === 'python') continue;
    if (language === 'sh') steps.push({ command: code!.trim(), output: null });
    else if (language === 'text') {
      const last = steps.at(-1);
      if (last === undefined || last.output !== null) throw new Error(`${page}: output of what?`);
      last.output = code!;
    } else if (name === undefined) throw new Error(`${page}: a block begins with no // NAME`);
    else {
      files.set(name, code!);
      const run = `node ${name}`;
      const isProgram = code!.includes('await load(') && !commands.includes(run);
      if (isProgram) steps.push({ command: run, output: null });
    }
  }
  return { files, steps };
}
