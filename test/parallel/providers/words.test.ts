/** What batch systems print, without one. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCondorJobs } from '../../../src/parallel/providers/condor-provider.ts';
import { parseGridEngineJobs } from '../../../src/parallel/providers/grid-engine-provider.ts';
import { parseLsfJobs } from '../../../src/parallel/providers/lsf-provider.ts';
import { parsePbsJson, parsePbsText } from '../../../src/parallel/providers/pbs-pro-provider.ts';

/** State and whether it is held, for short. */
const short = (
  jobs: ReadonlyMap<string, { state: string; held?: boolean; reason?: string }> | null,
) =>
  Object.fromEntries(
    [...(jobs ?? [])].map(([id, { state, held, reason }]) => [
      id,
      [state, ...(held === true ? ['held'] : []), ...(reason === undefined ? [] : [reason])].join(
        ': ',
      ),
    ]),
  );

suite('what batch systems print', () => {
  // The form is that of OpenPBS, https://github.com/openpbs/openpbs/issues/2672; the letters those of
  // the PBS Professional 13.1 documentation, quoted in https://github.com/qtop/qtop/issues/219; the
  // comments are from https://github.com/argonne-lcf/user-guides/pull/340.
  test('PBS, in JSON', () => {
    const job = (more: object): object => ({ Job_Name: 'STDIN', Submit_Host: 'x', ...more });
    const comment = 'Not Running: Node is in an ineligible state: down';
    const out = JSON.stringify({
      ...{ timestamp: 1745411711, pbs_version: 'latest', pbs_server: 'ip-10-0-6-176' },
      Jobs: {
        '10.ip-10-0-6-176': job({ job_state: 'R' }),
        '11.ip-10-0-6-176': job({ job_state: 'Q', comment }),
        '12.ip-10-0-6-176': job({ job_state: 'H' }),
        '13.ip-10-0-6-176': job({ job_state: 'F', Exit_status: 0 }),
        '14.ip-10-0-6-176': job({ job_state: 'F', Exit_status: 271 }),
        '15.ip-10-0-6-176': job({ job_state: 'S' }),
        '16.ip-10-0-6-176': job({ job_state: 'new' }),
      },
    });
    assert.deepEqual(short(parsePbsJson(out)), {
      ...{ 10: 'running', 11: `pending: ${comment}`, 12: 'pending: held', 13: 'completed' },
      ...{ 14: 'failed: exit status 271', 15: 'running', 16: 'unknown' },
    });
    assert.deepEqual(parsePbsJson('{"timestamp": 1, "pbs_version": "latest"}'), new Map());
    // Variables with functions of bash are not escaped: https://github.com/openpbs/openpbs/issues/2541
    assert.equal(parsePbsJson('{"Jobs": {"4.s": {"BASH_FUNC_ml%%": "() { eval "x" }"}}}'), null);
    assert.equal(parsePbsJson(''), null);
    assert.deepEqual(parsePbsJson('null'), new Map());
  });

  // The form is that of https://github.com/openpbs/openpbs/issues/2541.
  test('PBS, in lines', () => {
    const out = [
      'Job Id: 4.scheduler',
      '    Job_Name = STDIN',
      '    resources_used.walltime = 00:00:10',
      '    job_state = R',
      '    Variable_List = PBS_O_HOME=/home/john,PBS_O_LANG=en_US.UTF-8,',
      '\tPBS_O_LOGNAME=john,job_state = F',
      '    comment = Job run at Fri Jul 01 at 14:42 on (execute-2:ncpus=1)',
      '',
      'Job Id: 5.scheduler',
      '    job_state = F',
      '    Exit_status = -29',
      '',
    ].join('\n');
    assert.deepEqual(short(parsePbsText(out)), {
      4: 'running: Job run at Fri Jul 01 at 14:42 on (execute-2:ncpus=1)',
      5: 'failed: exit status -29',
    });
    assert.deepEqual(parsePbsText(''), new Map());
  });

  // Words and fields are those of the bjobs manual page of IBM Spectrum LSF 10.1.
  test('LSF', () => {
    const out =
      '930|PEND|-\n931|RUN|-\n932|DONE|-\n933|EXIT|130\n934|PSUSP|-\n935|SSUSP|-\n936|ZOMBI|-\n937|UNKWN|-\n';
    assert.deepEqual(short(parseLsfJobs(`${out}Job <9> is not found\n`)), {
      ...{ 930: 'pending', 931: 'running', 932: 'completed', 933: 'failed: exit code 130' },
      ...{ 934: 'pending: held: suspended while it was pending', 935: 'running' },
      ...{ 936: 'failed', 937: 'unknown' },
    });
  });

  // Printed by qstat of Son of Grid Engine 8.1.9, as Debian has it; states as in its manual page.
  test('Grid Engine', () => {
    const job = (id: number, state: string, kind: string): string => `
    <job_list state="${kind}">
      <JB_job_number>${id}</JB_job_number>
      <JAT_prio>0.50000</JAT_prio>
      <JB_name>tw</JB_name>
      <JB_owner>root</JB_owner>
      <state>${state}</state>
      <JAT_start_time>2026-11-28T13:22:34</JAT_start_time>
      <queue_name>all.q@localhost</queue_name>
      <slots>1</slots>
    </job_list>`;
    const xml = (running: string, pending: string): string => `<?xml version='1.0'?>
<job_info  xmlns:xsd="http://arc.liv.ac.uk/repos/darcs/sge/source/dist/util/resources/schemas/qstat/qstat.xsd">
  <queue_info>${running}
  </queue_info>
  <job_info>${pending}
  </job_info>
</job_info>
`;
    const running = [job(1, 'r', 'running'), job(2, 'dr', 'running'), job(3, 'S', 'running')];
    const pending = [job(4, 'qw', 'pending'), job(5, 'hqw', 'pending'), job(6, 'Eqw', 'pending')];
    assert.deepEqual(short(parseGridEngineJobs(xml(running.join(''), pending.join('')))), {
      ...{ 1: 'running', 2: 'running', 3: 'running', 4: 'pending' },
      ...{ 5: 'pending: held: state hqw', 6: 'pending: held: state Eqw' },
    });
    assert.deepEqual(parseGridEngineJobs(xml('', '')), new Map());
    assert.equal(parseGridEngineJobs('error: commlib error: got select error'), null);
  });

  // Numbers are those of the HTCondor manual's appendix of job ClassAd attributes.
  test('HTCondor', () => {
    const out =
      '34524642 0 2 undefined\n34524643 0 1 undefined\n34524644 0 5 Error from slot1@x: no space | left\n' +
      '34524645 0 3 undefined\n34524646 1 4 undefined\n34524647 0 9 undefined\n';
    assert.deepEqual(short(parseCondorJobs(out)), {
      ...{ '34524642.0': 'running', '34524643.0': 'pending', '34524645.0': 'running' },
      '34524644.0': 'pending: held: Error from slot1@x: no space | left',
      ...{ '34524646.1': 'completed', '34524647.0': 'unknown' },
    });
    assert.deepEqual(parseCondorJobs('-- Failed to fetch ads from: <127.0.0.1:9618>\n'), new Map());
  });
});
