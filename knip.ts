/**
 * What `npm run unused` looks at: first exports, files and packages that nobody uses, then, with
 * `--production`, what only tests use.
 */

const isProduction = process.argv.includes('--production');

export default {
  // Threads and processes are started by their URL.
  entry: [
    'src/{index,parallel}.ts!',
    'src/cli/main.ts!',
    'src/{viewer/page,insight/report/browser}/{main,live}.ts!',
    'src/**/*-{thread,process}.ts!',
    'src/parallel/threads/thread-worker.ts!',
    'src/parallel/worker/worker-main.ts!',
    'src/parallel/slurm/arrays/array-element.ts!',
    'src/parallel/apps/run-command.ts!',
    'src/staging/**/tasks.ts!',
    // Loaded when they are first needed.
    'src/formats/{flatgeobuf,geojson,geoparquet,zip}/source.ts!',
    'src/formats/{flatgeobuf,geoparquet,geojson/tiles}/staged.ts!',
    'src/formats/geoparquet/{pack,plain-table}.ts!',
    'src/formats/remote/{ask,remote-file}.ts!',
    '{bench,examples,scripts}/**/*.{ts,mjs}!',
    'test/**/*.{ts,mjs}',
  ],
  project: ['src/**/*.ts!', '{test,bench,examples,scripts}/**/*.{ts,mjs}'],
  ignoreExportsUsedInFile: isProduction,
  // The check of the package, in .ci/run; the Node.js that runs the scripts.
  ignoreDependencies: ['publint', 'tilewright-node'],
  // Binaries are the system's; OTHERS of the viewer's classes has the value of their count.
  exclude: ['binaries', 'duplicates'],
};
