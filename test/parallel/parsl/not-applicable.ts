/** What Parsl tests and is not tested after it: its tests, below `parsl/tests/`, and why. */

export interface NotApplicable {
  tests: readonly string[];
  reason: string;
}

const of = (folder: string, names: string): string[] =>
  names.split(' ').map((name) => `${folder}/test_${name}.py`);

export const NOT_APPLICABLE: readonly NotApplicable[] = [
  {
    tests: of('test_serialization', 'basic proxystore_configured proxystore_impl'),
    reason:
      'Code and objects are not sent (pickle, dill, ProxyStore): functions are sent by name, values as data.',
  },
  {
    tests: ['test_staging/test_staging_ftp.py', 'test_staging/test_staging_ftp_in_task.py'],
    reason: 'No staging by FTP: such a File is refused by name.',
  },
  {
    tests: ['test_staging/test_staging_globus.py', 'unit/test_file.py'],
    reason: 'No staging by Globus, and no schemes but `file:`: such a File is refused by name.',
  },
  {
    tests: of('test_staging', 'zip_in zip_out zip_to_zip'),
    reason: 'No staging from and to zip files: a command does it.',
  },
  {
    tests: [
      ...of('test_htex/mpi', 'bad_mpi_config mpi_mode_enabled mpi_prefix mpi_scheduler mpiex'),
      ...['test_htex/mpi/test_resource_spec.py', 'test_radical/test_mpi_funcs.py'],
    ],
    reason:
      'No executor for MPI apps (MPIExecutor, RadicalPilot); the launcher `mpiexec` starts workers, which has tests of its own.',
  },
  {
    tests: ['test_flux.py', 'unit/test_globus_compute_executor.py'],
    reason:
      'No executors for Flux and Globus Compute; WorkQueue and TaskVine are only configurations in Parsl’s tests.',
  },
  {
    tests: [
      'test_curvezmq.py',
      ...of('test_htex', 'zmq_binding command_client_timeout interchange_exit_bad_registration'),
      ...of(
        'test_htex',
        'command_concurrency_regression_1321 worker_interchange_bad_messages_3262',
      ),
      ...of('test_monitoring', 'htex_fuzz_zmq'),
    ],
    reason:
      'No ZeroMQ and no interchange; what strangers send to the socket and the queue is tested in `hostile-peers.test.ts` and `redis-secrets.test.ts`.',
  },
  {
    tests: [
      ...of('test_htex', 'block_manager_selector_unit manager_selector_by_block htex'),
      ...of('unit/executors/high_throughput', 'htex process_worker_pool'),
    ],
    reason:
      'Inner parts of Parsl’s executor: selectors of managers, commands that start them, encryption by options. Here the transport is always private or TLS.',
  },
  {
    tests: of('test_htex', 'affinity cpu_affinity_explicit'),
    reason: 'Tested in `providers/placement.test.ts`.',
  },
  {
    tests: of('test_htex', 'connected_blocks multiple_disconnected_blocks'),
    reason: 'Reports of blocks by commands; `onBlock` tells of them, see `strategy.test.ts`.',
  },
  {
    tests: ['test_htex/test_drain.py'],
    reason:
      'No `drain_period`: a block takes no task that would outlast it, see `local-blocks.test.ts`.',
  },
  {
    tests: ['test_scaling/test_block_error_handler.py'],
    reason: 'No handlers: three blocks in a row that serve nobody are the error, see above.',
  },
  {
    tests: ['test_scaling/test_scale_down_htex_unregistered.py'],
    reason: 'The same as an idle block that has not come up yet, above.',
  },
  {
    tests: of('test_providers', 'local_provider pbspro_template slurm_instantiate slurm_template'),
    reason:
      'Scripts and options of providers are tested in `test/parallel/providers` and on a real Slurm.',
  },
  {
    tests: of('test_providers', 'kubernetes_provider submiterror_deprecation'),
    reason: 'Parsl’s own classes.',
  },
  {
    tests: ['unit/test_launchers.py'],
    reason: 'Tested in `providers/start-up.test.ts`.',
  },
  {
    tests: [
      ...of('test_logging', 'dfk_states initialize_logging oneshot'),
      ...['test_htex/test_log_config.py', 'test_monitoring/test_log_config.py'],
      ...['test_error_handling/test_wrap_with_logs.py', 'test_utils/test_logutils.py'],
    ],
    reason: 'No logs: errors come with their futures, events with the monitoring.',
  },
  {
    tests: of('test_monitoring', 'radio_filesystem radio_multiprocessing radio_udp radio_zmq'),
    reason: 'No radios: usage comes back with each result, on every executor.',
  },
  {
    tests: of('test_monitoring', 'db_locks exit_helper viz_colouring'),
    reason:
      'A database on servers, processes of its own and a page of Parsl’s; the file and its page are tested in `monitoring.test.ts` and `test/insight`.',
  },
  {
    tests: of('test_python_apps', 'memoize_plugin memoize_joinapp'),
    reason: 'A memoizer is no plug-in, and a join app, which runs here, has no cache of its own.',
  },
  {
    tests: of('test_regression', '2652 69a'),
    reason: 'How Parsl’s objects are printed.',
  },
  {
    tests: [
      ...of('test_utils', 'execute_wait representation_mixin sanitize_dns'),
      ...of('unit', 'address usage_tracking'),
    ],
    reason: 'Helpers of Parsl’s; no usage is tracked.',
  },
  {
    tests: ['integration/test_stress/test_python_threads.py', 'sites/test_concurrent.py'],
    reason: 'Stress by hand; many tasks are a case above and in `contract.ts`.',
  },
  {
    tests: ['sites/test_ec2.py'],
    reason: 'Clouds are not provided for.',
  },
  {
    tests: of('manual_tests', 'basic log_filter memory_limits regression_220 worker_count'),
    reason: 'Programs that are started by hand.',
  },
];
