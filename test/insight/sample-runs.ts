/** Runs of every kind that a report has to show. */

import type { RunAnalysis } from '../../src/insight/analysis.ts';
import { sampleAnalysis } from './sample-analysis.ts';

/** 500 workers, 50,000 tasks. */
export const big = (): RunAnalysis =>
  sampleAnalysis({
    seed: 2,
    workers: 500,
    hosts: 20,
    stageTasks: 49_000,
    mergeTasks: 1000,
    taskSeconds: 30,
    computing: 0.5,
    core: 0.05,
    inputName: (i) => `alaska/2019/scene_${(i * 7919) % 90_001}_fixed-names.gpkg`,
  });

export const medium = (): RunAnalysis =>
  sampleAnalysis({ seed: 3, workers: 24, hosts: 3, stageTasks: 400, computing: 0.6, core: 0.15 });

export function killed(): RunAnalysis {
  const analysis = sampleAnalysis({ seed: 4, workers: 4 });
  const missing = ['The run has no end: it was killed, or it goes on.'];
  return { ...analysis, end: null, missing };
}

export const HOSTILE = '<script>alert("1")</script>&\'.gpkg';

export function failing(): RunAnalysis {
  const analysis = sampleAnalysis({
    seed: 5,
    workers: 3,
    inputName: (i) => (i === 2 ? HOSTILE : `a "quoted" & long/er name, number ${i}\u001b[31m.shp`),
  });
  const timeline = analysis.timeline.map((span, i) =>
    i % 17 === 3 ? { ...span, error: `${HOSTILE} can't be read` } : span,
  );
  const failures = Array.from({ length: 12 }, (_, i) => ({
    subject: i === 0 ? HOSTILE : `scene-${i}.gpkg`,
    message: `${HOSTILE}: page ${i} of the file is damaged, and ${'so on '.repeat(i)}`,
    retried: i % 2 === 0,
  }));
  const end = { ...analysis.end!, made: null };
  return {
    ...analysis,
    timeline,
    failures,
    end: { ...end, state: 'failed', error: `12 inputs failed: ${HOSTILE} …` },
  };
}

/** As on macOS: no samples of the machine, no time in queues. */
export function withoutSamples(): RunAnalysis {
  const analysis = sampleAnalysis({ seed: 6, core: 0 });
  const timeline = analysis.timeline.map((span) => ({ ...span, blocked: 0 }));
  return {
    ...analysis,
    timeline,
    samples: [],
    missing: ['How long processes waited (PSI): darwin does not tell.', 'Disk throughput.'],
  };
}

export function nothingToDo(): RunAnalysis {
  const analysis = sampleAnalysis({ seed: 7, workers: 2, stageTasks: 0, mergeTasks: 0 });
  return {
    ...analysis,
    seconds: 0,
    end: {
      ...analysis.end!,
      made: {
        inputs: { staged: 0, unchanged: 13, failed: 0 },
        featuresRead: 0,
        featuresStaged: 0,
        rowsWritten: 0,
        tiles: { new: 0, changed: 0, unchanged: 0, removed: 0, total: 312 },
      },
      inputBytes: 0,
      shuffleBytes: 0,
      tileBytes: 0,
    },
    verdict: {
      bound: 'nothing',
      sentence: 'Nothing was to do: all 13 inputs are as they were.',
      evidence: [],
      next: null,
    },
    advice: [],
    time: [],
    phases: [],
    workers: [],
    timeline: [],
    slowest: [],
    stragglers: [],
    samples: analysis.samples.slice(0, 1),
  };
}

export const RUNS: Readonly<Record<string, () => RunAnalysis>> = {
  small: () => sampleAnalysis(),
  medium,
  big,
  killed,
  failing,
  withoutSamples,
  nothingToDo,
};
