/** The cases after Parsl's tests, on blocks that are jobs of Slurm. */

import { registerCases } from '../parallel/parsl/register.ts';
import { makeBlocks } from './slurm-executors.ts';
import { skip, useCluster } from './slurm-support.ts';

const cluster = useCluster();

registerCases('slurm', {
  skip,
  parent: () => cluster.folder,
  atEnd: () => cluster.nothingLeft(),
  make: (maxWorkers, label, folder) =>
    makeBlocks(folder, { initBlocks: 1, maxBlocks: 1 }, { maxWorkers, label }),
});
