/** `tilewright status`. */

import { resolve } from 'node:path';
import { type RunStatus, runStatus } from '../../staging/recording/run-status.ts';
import { phaseOf, phases } from '../../staging/telling/phases.ts';

export async function statusCommand(folder: string, json: boolean): Promise<number> {
  const status = await runStatus(resolve(folder));
  process.stdout.write(json ? `${JSON.stringify(status)}\n` : statusText(status));
  return 0;
}

export function statusText(status: RunStatus): string {
  const { state, reason, phase, done, total, exitCode, host, pid, jobId, log } = status;
  const lines = [
    `state      ${state}${reason === null || state === 'interrupted' ? '' : `: ${reason}`}`,
  ];
  if (state === 'running' && phase !== null) lines.push(`phase      ${phaseText(status)}`);
  if (state !== 'running' && state !== 'finished' && total > 0 && phase !== null) {
    lines.push(
      `came to    ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${phaseOf(phase).unit}`.trimEnd(),
    );
  }
  lines.push(`for        ${duration(status.seconds)}`);
  if (jobId !== null) lines.push(`job        ${jobId}, of Slurm`);
  else if (state === 'running') lines.push(`process    ${pid} on ${host}`);
  if (exitCode !== null) lines.push(`exit code  ${exitCode}`);
  if (log !== null) lines.push(`log        ${log}`);
  if (state === 'lost') {
    lines.push('It ended without a word, so it was killed. The same stage command goes on.');
  }
  if (state === 'interrupted') lines.push('The same stage command goes on from there.');
  if (status.lastLines.length > 0) lines.push('', ...status.lastLines);
  return `${lines.join('\n')}\n`;
}

function phaseText({ phase, done, total }: RunStatus): string {
  const { words, unit } = phaseOf(phase ?? phases[0]!.name);
  if (unit === '' || total === 0) return words;
  const share = Math.floor((100 * Math.min(done, total)) / total);
  const counts = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`;
  return `${words}, ${share} %, ${counts}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
