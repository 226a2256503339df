/** `tilewright estimate`: what a job will take. */

import { TilewrightError } from '../../core/errors.ts';
import { estimateText } from '../../insight/estimate/answer/answer-text.ts';
import { type EstimateStep, estimate } from '../../insight/estimate/estimate.ts';
import type { EstimateCommand } from '../arguments/estimate-arguments.ts';
import { styledWriter } from '../output.ts';
import { STOP_SIGNALS } from '../stop-signals.ts';
import { unstacked } from '../told-error.ts';

const STEPS: Readonly<Record<EstimateStep, string>> = {
  plan: 'looking at the inputs',
  machine: 'measuring this machine',
  sample: 'staging a sample',
  model: 'reckoning',
};

export async function estimateCommand(command: EstimateCommand, stacks = false): Promise<number> {
  const { inputs, config, workers, files, json } = command;
  const processStart = performance.now() / 1000;
  const abort = new AbortController();
  const onSignal = (): void => abort.abort();
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  const showSteps = process.stderr.isTTY && !json;
  const show = (text: string): void => {
    if (showSteps) styledWriter(process.stderr)(`\r\x1b[K${text}`);
  };
  try {
    const result = await estimate(config, {
      ...(inputs.length > 0 && { inputs }),
      ...(workers && { workers }),
      ...(files && { files }),
      processStart,
      onProgress: (step) => show(`${STEPS[step]} …`),
      signal: abort.signal,
    });
    show('');
    process.stdout.write(
      json ? `${JSON.stringify(result, stacks ? undefined : unstacked)}\n` : estimateText(result),
    );
    return result.failed.length > 0 ? 1 : 0;
  } catch (error) {
    show('');
    if (!abort.signal.aborted) throw error;
    throw new TilewrightError('interrupted', 'Interrupted. The sample was removed');
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  }
}
