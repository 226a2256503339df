/** The command line: arguments → configuration → calls. */

import { toTilewrightError } from '../core/errors.ts';
import { packageVersion } from '../core/version.ts';
import { parseArguments } from './arguments/arguments.ts';
import { helpText } from './arguments/help.ts';
import { exitCode } from './exit-code.ts';
import { guardOutput, hanging } from './output.ts';

async function main(argv: string[]): Promise<number> {
  const command = parseArguments(argv);
  switch (command.command) {
    case 'help':
      process.stdout.write(helpText(command.topic));
      return 0;
    case 'version':
      process.stdout.write(`tilewright ${packageVersion()}\n`);
      return 0;
    case 'stage':
      return (await import('./commands/stage.ts')).stageCommand(command);
    case 'estimate':
      return (await import('./commands/estimate.ts')).estimateCommand(command);
    case 'status':
      return (await import('./commands/status.ts')).statusCommand(command.folder, command.json);
    case 'wait':
      return (await import('./commands/wait.ts')).waitCommand(command.folder);
    case 'cancel':
      return (await import('./cancel.ts')).cancelCommand(command.folder);
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
      return (await import('./commands/info.ts')).infoCommand(command);
    case 'tms-list':
    case 'tms-show':
      return (await import('./commands/tms.ts')).tmsCommand(command);
  }
}

/** Runs the program, prints what goes wrong; returns the exit code. */
export async function runProgram(argv: string[]): Promise<number> {
  guardOutput();
  try {
    return await main(argv);
  } catch (caught) {
    const error = toTilewrightError(caught);
    process.stderr.write(`tilewright: ${hanging(error.message)}\n`);
    if (error.code === 'internal' && caught instanceof Error) {
      process.stderr.write(`${caught.stack}\nThis is a fault in tilewright itself.\n`);
    }
    return exitCode(error);
  }
}
