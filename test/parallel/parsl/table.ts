/**
 * The table of the cases, as a page: the site has it, and `npx node test/parallel/parsl/table.ts`
 * prints it.
 */

import { CASES, TOPICS } from './cases.ts';
import { type Case, ENGINES } from './kit.ts';
import { NOT_APPLICABLE } from './not-applicable.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function row({ name, after, on = ENGINES, differs }: Case): string {
  const what = differs === undefined ? name : `${name} *(${differs})*`;
  const engines = on.length === ENGINES.length ? 'all' : on.join(', ');
  return `| ${cell(what)} | \`${after}\` | ${engines} |`;
}

/** How many there are, as docs/from-parsl.md says it. */
export function parslTestsCounts(): string {
  const runs = ENGINES.map((engine) => {
    const count = CASES.filter(({ on = ENGINES }) => on.includes(engine)).length;
    return `${count} on ${engine}`;
  });
  const files = new Set(CASES.map(({ after }) => after)).size;
  const others = NOT_APPLICABLE.flatMap(({ tests }) => tests).length;
  return (
    `${CASES.length} cases after ${files} of Parsl's test files: ${runs.join(', ')}; ` +
    `${others} files do not apply`
  );
}

export function parslTestsPage(): string {
  const topics = Object.entries(TOPICS).map(
    ([topic, cases]) =>
      `## ${topic}\n\n| what is promised | after Parsl's | on |\n| --- | --- | --- |\n` +
      `${cases.map(row).join('\n')}\n`,
  );
  const others = NOT_APPLICABLE.map(
    ({ tests, reason }) => `| ${tests.map((one) => `\`${one}\``).join('<br>')} | ${cell(reason)} |`,
  );
  return `# After Parsl's own tests

What [Parsl](https://github.com/Parsl/parsl) tests of itself, at its commit b8b474c, was read for what it
promises, and written anew for \`tilewright/parallel\`: ${parslTestsCounts()}. *threads* is a
\`ThreadPoolExecutor\`; the others are a \`HighThroughputExecutor\`: *local* with blocks on this machine, *redis*
with a queue on a Redis server, *slurm* with jobs of Slurm. In brackets is where Tilewright promises something
else. The paths are below \`parsl/tests/\`.

${topics.join('\n')}
## What does not apply

| Parsl's tests | why |
| --- | --- |
${others.join('\n')}
`;
}

if (import.meta.main) process.stdout.write(parslTestsPage());
