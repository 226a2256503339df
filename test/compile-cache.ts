/**
 * Loaded before each test file: what one process of the tests has compiled, no other compiles again,
 * nor do the processes that tests start.
 */

import * as modules from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');
modules.enableCompileCache();
