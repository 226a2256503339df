/** What Slurm prints, and what it is told, without a Slurm. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { expandIds, parseJobs, parseShownJobs } from '../../../src/parallel/slurm/job-list.ts';
import {
  checkJobOptions,
  literal,
  scriptHead,
  walltimeSeconds,
} from '../../../src/parallel/slurm/job-options.ts';
import { isLive, phaseOf, waitingOf } from '../../../src/parallel/slurm/job-state.ts';

const job = (state: string, reason = 'None') => ({ id: '1', name: 'n', state, reason });

suite('what Slurm prints', () => {
  test('elements of arrays, alone and in ranges', () => {
    assert.deepEqual(expandIds('7'), ['7']);
    assert.deepEqual(expandIds('7_3'), ['7_3']);
    assert.deepEqual(expandIds('7_[1-3,8%2]'), ['7_1', '7_2', '7_3', '7_8']);
    assert.deepEqual(expandIds('7_[0-6:3]'), ['7_0', '7_3', '7_6']);
  });

  test('lists of jobs, whatever is in a reason', () => {
    const text =
      '12|RUNNING|a|None\n13_1|PENDING|b|(x|y) held\n13_[4-5%1]|PENDING|b|JobArrayTaskLimit\n\n';
    const jobs = parseJobs(text);
    assert.deepEqual([...jobs.keys()], ['12', '13_1', '13_4', '13_5']);
    assert.equal(jobs.get('13_1')!.reason, '(x|y) held');
  });

  test('scontrol show', () => {
    const text =
      'JobId=9 JobName=two words UserId=me(1) JobState=FAILED Reason=NonZeroExitCode Dependency=(null)\n' +
      'JobId=11 ArrayJobId=10 ArrayTaskId=2-3%1 ArrayTaskThrottle=1 JobName=b JobState=PENDING ' +
      'Reason=launch failed requeued held Dependency=(null)\n';
    const jobs = parseShownJobs(text);
    assert.deepEqual(jobs.get('9'), {
      id: '9',
      name: 'two words',
      state: 'FAILED',
      reason: 'NonZeroExitCode',
    });
    assert.equal(jobs.get('10_3')!.reason, 'launch failed requeued held');
  });

  test('states', () => {
    for (const [state, phase] of [
      ['PENDING', 'pending'],
      ['REQUEUE_HOLD', 'pending'],
      ['COMPLETING', 'running'],
      ['COMPLETED', 'completed'],
      ['NODE_FAIL', 'failed'],
      ['SOMETHING_NEW', 'unknown'],
    ] as const) {
      assert.equal(phaseOf(job(state)), phase);
    }
    assert.equal(isLive(job('SOMETHING_NEW')), true);
    assert.equal(isLive(job('CANCELLED')), false);
  });

  test('reasons: who waits for a turn, who for ever', () => {
    for (const [reason, waiting] of [
      ['Resources', 'queued'],
      ['Priority', 'queued'],
      ['Dependency', 'queued'],
      ['AssocGrpCpuLimit', 'queued'],
      ['QOSMaxJobsPerUserLimit', 'queued'],
      ['JobArrayTaskLimit', 'queued'],
      ['BeginTime', 'queued'],
      ['ReqNodeNotAvail, Reserved for maintenance', 'queued'],
      ['ReqNodeNotAvail, UnavailableNodes:node[1-2]', 'blocked'],
      ['Nodes required for job are DOWN, DRAINED or reserved', 'blocked'],
      ['PartitionConfig', 'blocked'],
      ['AssocMaxCpuPerJobLimit', 'blocked'],
      ['JobHeldAdmin', 'held'],
      ['JobHeldUser', 'held'],
      ['launch failed requeued held', 'held'],
    ] as const) {
      assert.equal(waitingOf(job('PENDING', reason)), waiting, reason);
    }
  });
});

suite('what Slurm is told', () => {
  const head = (options: object): string =>
    scriptHead({ label: 'x', name: 'n', nodes: 2, output: '/o', error: '/e', ...options });

  test('the head of a script', () => {
    const text = head({
      ...{ partition: 'p', account: 'a', qos: 'q', coresPerNode: 4, memPerNode: 1.5 },
      ...{ walltime: '01:00:00', exclusive: true, more: ['--no-requeue'] },
      ...{ schedulerOptions: '#SBATCH --constraint=fast', workerInit: 'module load x' },
    });
    const lines = text.split('\n');
    for (const line of [
      '#SBATCH --nodes=2',
      '#SBATCH --time=01:00:00',
      '#SBATCH --partition=p',
      '#SBATCH --cpus-per-task=4',
      '#SBATCH --mem=1536M',
      '#SBATCH --exclusive',
      '#SBATCH --constraint=fast',
    ]) {
      assert.ok(lines.includes(line), line);
    }
    assert.equal(lines[0], '#!/bin/bash -l');
    assert.match(text, /\+ 3600 \)/);
    assert.match(text, /PATH=.*\nset -e\nmodule load x\nset \+e\n$/);
    assert.doesNotMatch(head({ walltime: null }), /--time|END_TIME/);
  });

  test('what a user says is checked', () => {
    const message = (options: object): string => {
      try {
        checkJobOptions(options, 'slurm');
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.equal(message({ partition: 'a,b', account: 'x-1', walltime: '1-00:00:00' }), '');
    assert.match(message({ partition: 'a b' }), /partition can't be "a b"/);
    assert.match(message({ partition: '--x' }), /partition can't be/);
    assert.match(message({ account: 'a\n#SBATCH --x' }), /account can't be/);
    assert.match(message({ walltime: '30' }), /walltime must be HH:MM:SS/);
    assert.match(message({ walltime: '00:00:00' }), /walltime must be/);
    assert.match(message({ schedulerOptions: 'rm -rf x' }), /must be lines "#SBATCH/);
    assert.match(message({ schedulerOptions: '#SBATCH --array=1-9' }), /can't have/);
    assert.match(message({ schedulerOptions: '#SBATCH -t 5' }), /can't have/);
  });

  test('times and paths', () => {
    assert.equal(walltimeSeconds('00:10:00', 'x'), 600);
    assert.equal(walltimeSeconds('2-01:00:30', 'x'), 2 * 86_400 + 3_630);
    assert.equal(literal('/a/50%/b'), '/a/50%%/b');
    assert.throws(() => head({ output: '/a"b' }), { code: 'config-invalid' });
  });
});
