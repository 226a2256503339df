/** The command line: arguments → configuration → calls. */

import { toTilewrightError } from '../core/errors.ts';
import { packageVersion } from '../core/version.ts';
import { parseArguments } from './arguments/arguments.ts';
import { helpText } from './arguments/help.ts';
import { exitCode } from './exit-code.ts';
import { guardOutput } from './output.ts';
import { type Manner, mannerOf, tellError } from './told-error.ts';

async function main(argv: string[], { stacks }: Manner): Promise<number> {
  const command = parseArguments(argv);
  switch (command.command) {
    case 'help':
      process.stdout.write(helpText(command.topic));
      return 0;
    case 'version':
      process.stdout.write(`tilewright ${packageVersion()}\n`);
      return 0;
    case 'stage':
      return (await import('./commands/stage.ts')).stageCommand(command, stacks);
    case 'deduplicate':
      return (await import('./commands/deduplicate.ts')).deduplicateCommand(command, stacks);
    case 'duplicates':
      return (await import('./commands/duplicates.ts')).duplicatesCommand(command);
    case 'check':
      return (await import('./commands/check.ts')).checkCommand(command, stacks);
    case 'estimate':
      return (await import('./commands/estimate.ts')).estimateCommand(command, stacks);
    case 'footprints':
      return (await import('./commands/footprints.ts')).footprintsCommand(command, stacks);
    case 'status':
      return (await import('./commands/status.ts')).statusCommand(command.folder, command.json);
    case 'wait':
      return (await import('./commands/wait.ts')).waitCommand(command.folder);
    case 'cancel':
      return (await import('./cancel.ts')).cancelCommand(command.folder);
    case 'completion':
      return (await import('./commands/completion.ts')).completionCommand(command.shell);
    case 'clean':
      return (await import('./commands/clean.ts')).cleanCommand(command);
    case 'plot':
      return (await import('./commands/plot.ts')).plotCommand(command);
    case 'monitor':
      return (await import('./commands/monitor.ts')).monitorCommand(command);
    case 'report':
      return (await import('./commands/report.ts')).reportCommand(command);
    case 'serve':
      return (await import('./commands/serve.ts')).serveCommand(command);
    case 'worker':
      return (await import('./commands/worker.ts')).workerCommand(command);
    case 'info':
      return (await import('./commands/info.ts')).infoCommand(command, stacks);
    case 'tms-list':
    case 'tms-show':
      return (await import('./commands/tms.ts')).tmsCommand(command);
  }
}

/** Runs the program, prints what goes wrong; returns the exit code. */
export async function runProgram(argv: string[]): Promise<number> {
  guardOutput();
  const manner = mannerOf(argv, process.env);
  // What is thrown where nobody waits for it is told in the same way.
  process.on('uncaughtException', (error) => {
    tellError(error, manner);
    process.exit(exitCode(toTilewrightError(error)));
  });
  try {
    return await main(argv, manner);
  } catch (caught) {
    tellError(caught, manner);
    return exitCode(toTilewrightError(caught));
  }
}
