/**
 * Programs that stand in for batch systems: they take what is submitted, run it at once on this machine
 * in a session of its own, and answer in the words of the real ones.
 */

import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type BatchSystem = 'pbs' | 'lsf' | 'grid-engine' | 'condor';

/** `begin FILE` runs a script; prints a number. `alive N`, `end N`; `$JOBS` has a folder for each job. */
const COMMON = `
begin() {
  n=1; until mkdir "$JOBS/$n" 2>/dev/null; do n=$((n + 1)); done
  cp "$1" "$JOBS/$n/script"
  # A pipe of the one that submits must not be held by the job.
  setsid /bin/bash -l "$JOBS/$n/script" < /dev/null > "$JOBS/$n/output" 2>&1 &
  echo $! > "$JOBS/$n/pid"
}
alive() { kill -0 "$(cat "$JOBS/$1/pid" 2>/dev/null)" 2>/dev/null; }
end() { kill -TERM -- "-$(cat "$JOBS/$1/pid")" 2>/dev/null; }
held() { test -e "$JOBS/hold"; }
silent() { if test -e "$JOBS/silent"; then echo "no server" >&2; exit 3; fi; }
`;

const PROGRAMS: Record<BatchSystem, Record<string, string>> = {
  pbs: {
    qsub: 'silent; begin "$1"; echo "$n.server.example.org"',
    // JSON has the first job alone, as in OpenPBS 23.06: https://github.com/openpbs/openpbs/issues/2672
    qstat: `silent; json=; for word; do [ "$word" = json ] && json=1; done
state() { if held; then echo H; elif alive $1; then echo R; else echo F; fi; }
if [ -n "$json" ]; then id=\${5%%.*}; printf '{"timestamp":1745411711,"Jobs":{"%s.server":{"job_state":"%s"}}}' $id $(state $id)
else shift 2; for id; do id=\${id%%.*}; printf 'Job Id: %s.server\n    Job_Name = x\n    job_state = %s\n    Variable_List = A=1,\n\tB=2\n\n' $id $(state $id); done; fi`,
    qdel: 'for id; do end $(echo "$id" | cut -d . -f 1); done',
  },
  lsf: {
    bsub: 'silent; cat > "$JOBS/stdin"; begin "$JOBS/stdin"; echo "Job <$n> is submitted to default queue <normal>."',
    bjobs: `silent; shift 3; for id; do if held; then echo "$id|PSUSP|-"; elif alive $id; then echo "$id|RUN|-"
else echo "Job <$id> is not found" >&2; fi; done`,
    bkill: 'for id; do end $id; done',
  },
  'grid-engine': {
    qsub: 'silent; begin "$2"; echo $n',
    qstat: `silent; echo "<?xml version='1.0'?><job_info><queue_info>"
for job in "$JOBS"/*/; do id=$(basename "$job"); if held; then state=Eqw; else state=r; fi
alive $id && echo "<job_list state=\\"running\\"><JB_job_number>$id</JB_job_number><state>$state</state></job_list>"; done
echo '</queue_info></job_info>'`,
    qdel: 'for id; do end $id; done',
  },
  condor: {
    condor_submit: `silent; script=$(sed -n 's/^arguments = "-l \\(.*\\)"$/\\1/p' "$2"); begin "$script"; cp "$2" "$JOBS/$n/description"; echo "$n.0 - $n.0"`,
    condor_q: `silent; for id; do case $id in -*) break;; esac; n=\${id%.0}
if held; then echo "$n 0 5 The system is full"; elif alive $n; then echo "$n 0 2 undefined"; fi; done`,
    condor_rm: 'for id; do end $(echo "$id" | cut -d . -f 1); done',
  },
};

export interface FakeSystem {
  /** To merge into the environment. */
  env: Record<string, string>;
  /** Scripts of the jobs so far. */
  scripts(): string[];
  /** From now on all jobs are held, or nobody answers. */
  set(what: 'hold' | 'silent'): void;
}

export function fakeSystem(kind: BatchSystem, folder: string): FakeSystem {
  const [programs, jobs] = [join(folder, 'bin'), join(folder, 'jobs')];
  for (const path of [programs, jobs]) mkdirSync(path, { recursive: true });
  for (const [name, lines] of Object.entries(PROGRAMS[kind])) {
    const path = join(programs, name);
    writeFileSync(path, `#!/bin/bash\nJOBS='${jobs}'\n${COMMON}\n${lines}\nexit 0\n`);
    chmodSync(path, 0o755);
  }
  return {
    env: { PATH: `${programs}${delimiter}${process.env['PATH']}` },
    scripts: () =>
      readdirSync(jobs)
        .filter((name) => /^\d+$/.test(name))
        .map((name) => {
          const file = kind === 'condor' ? 'description' : 'script';
          return readFileSync(join(jobs, name, file), 'utf8');
        }),
    set: (what) => writeFileSync(join(jobs, what), ''),
  };
}
