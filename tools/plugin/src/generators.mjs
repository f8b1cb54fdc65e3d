/**
 * The generators, as nx calls them: `(tree, options)`. The files are made by a program of its own, because nx itself runs
 * neither TypeScript nor the workspace's packages from their source.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pnpmSpec } from '@transfusion/setup/workspace';

const program = fileURLToPath(new URL('print-package.ts', import.meta.url));

export const modality = (tree, options) => generate(tree, 'modality', options);
export const noiseScheduler = (tree, options) => generate(tree, 'noise-scheduler', options);
export const evaluator = (tree, options) => generate(tree, 'evaluator', options);

function generate(tree, generator, { name, kind }) {
  const { files, nextSteps } = filesOf(tree.root, { generator, name, kind });
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  // nx calls it once the files are written, and not at all for --dry-run.
  return () => {
    // Every command of the root installs what the lockfile has.
    run('npx', ['-y', pnpmSpec, 'install', '--lockfile-only', '--prefer-offline'], tree.root);
    console.log(`\n${nextSteps.join('\n')}`);
  };
}

/** Returns the files to write, and lines about what comes next. @throws Error with the program's message */
function filesOf(root, request) {
  const args = ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx'), program];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, JSON.stringify(request)], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr.trim());
  return JSON.parse(stdout);
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: the reason is above.`);
}
