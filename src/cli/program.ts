/** The command line: arguments → configuration → calls. */

import { toTilewrightError } from '../core/errors.ts';
import { packageVersion } from '../core/version.ts';
import { parseArguments } from './arguments.ts';
import { exitCode } from './exit-code.ts';
import { helpText } from './help.ts';
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
      return (await import('./stage.ts')).stageCommand(command);
    case 'estimate':
      return (await import('./estimate.ts')).estimateCommand(command);
    case 'status':
      return (await import('./status.ts')).statusCommand(command.folder, command.json);
    case 'wait':
      return (await import('./wait.ts')).waitCommand(command.folder);
    case 'cancel':
      return (await import('./cancel.ts')).cancelCommand(command.folder);
    case 'clean':
      return (await import('./clean.ts')).cleanCommand(command);
    case 'plot':
      return (await import('./plot.ts')).plotCommand(command);
    case 'report':
      return (await import('./report.ts')).reportCommand(command);
    case 'serve':
      return (await import('./serve.ts')).serveCommand(command);
    case 'worker':
      return (await import('./worker.ts')).workerCommand(command);
    case 'info':
      return (await import('./info.ts')).infoCommand(command);
    case 'tms-list':
    case 'tms-show':
      return (await import('./tms.ts')).tmsCommand(command);
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
