/** Installs and uses the published packages with every package manager, module system, Node version and TypeScript setting. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpmSpec } from '@transfusion/setup/workspace';
import { publicPackages } from './publish-packages.js';
import { shell } from './shell.js';

/** One attempt, a row of the table. */
export interface Attempt {
  readonly what: string;
  /** Undefined if it succeeded, otherwise why not. */
  readonly problem?: string;
  readonly detail: string;
}

/** Settings of all attempts: a folder for them, and the user's environment. */
export interface MatrixSettings {
  readonly folder: string;
  readonly npmrc: string;
  readonly env: NodeJS.ProcessEnv;
  onAttempt(attempt: Attempt): void;
}

const libraries = publicPackages.filter(({ path }) => /^packages\/[^/]+$/.test(path));
const names = libraries.map(({ manifest }) => manifest.name);

const managers = {
  npm: 'npm install',
  pnpm: `npx -y ${pnpmSpec} add`,
  'yarn classic': 'npx -y yarn@1.22.22 add --non-interactive',
} as const;

const ESM = `
${names.map((name, i) => `import * as p${i} from '${name}';`).join('\n')}
const tf = p${names.indexOf('@transfusion/tfjs')};
await p${names.indexOf('@transfusion/engine')}.selectEngine('onnxruntime');
console.log(tf.getBackend(), tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).sum().dataSync()[0]);
`;
const CJS = `
${names.map((name, i) => `const p${i} = require('${name}');`).join('\n')}
const tf = p${names.indexOf('@transfusion/tfjs')};
p${names.indexOf('@transfusion/engine')}.selectEngine('onnxruntime').then(() =>
  console.log(tf.getBackend(), tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).sum().dataSync()[0]));
`;
const TYPES = `
${names.map((name, i) => `import * as p${i} from '${name}';`).join('\n')}
const tf = p${names.indexOf('@transfusion/tfjs')};
const sum: p${names.indexOf('@transfusion/tfjs')}.Tensor = tf.ones([2]).add(1).sum();
console.log(sum, ${names.map((_, i) => `p${i}`).join(', ')});
`;

/** Installs all libraries with each package manager, and loads them as ESM and CommonJS with each version of Node. */
export async function tryManagers(settings: MatrixSettings): Promise<void> {
  for (const [manager, command] of Object.entries(managers)) {
    const run = emptyProject(settings, manager.replace(' ', '-'));
    const installed = await attempt(settings, `${manager}: install`, async () => {
      await run(`${command} ${names.join(' ')}`);
      return (await run('du -sm node_modules')).split('\t')[0] + ' MB';
    });
    if (!installed) continue;
    for (const version of manager === 'npm' ? [20, 22, 24] : [20]) {
      for (const file of ['program.mjs', 'program.cjs']) {
        await attempt(settings, `${manager}: Node ${version} ${file.slice(-3)}`, async () =>
          expectText(await run(`npx -y -p node@${version} node ${file}`), 'onnxruntime 12\n'),
        );
      }
    }
  }
}

/** Checks types in the project that npm installed, with each setting. */
export async function tryTypes(settings: MatrixSettings): Promise<void> {
  const run = inProject(settings, 'npm');
  const hasCompiler = await attempt(settings, 'npm: install TypeScript', async () => {
    await run('npm install --save-dev typescript@5.9 @types/node@20');
    return 'installed';
  });
  if (!hasCompiler) return;
  const modules = {
    node16: { module: 'node16' },
    bundler: { module: 'esnext', moduleResolution: 'bundler' },
  };
  for (const [name, options] of Object.entries(modules)) {
    for (const skipLibCheck of [true, false]) {
      const compilerOptions = { ...options, target: 'es2022', strict: true, noEmit: true, skipLibCheck };
      writeFileSync(
        join(settings.folder, 'npm', 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['program.mts'] }),
      );
      await attempt(settings, `TypeScript ${name}, skipLibCheck ${skipLibCheck}`, async () => {
        const lines = (await run('npx tsc -p . || true'))
          .split('\n')
          .filter((line) => line.includes('error TS'));
        const own = lines.filter(
          (line) => !line.startsWith('node_modules/') || line.includes('@transfusion'),
        );
        if (own.length > 0) throw new Error(own.slice(0, 3).join(' | '));
        const others = new Set(lines.map((line) => line.split('/').slice(1, 3).join('/')));
        return lines.length === 0 ? 'no errors' : `${lines.length} errors, all in ${[...others].join(', ')}`;
      });
    }
  }
}

/** Runs the `npm install` of each README in an empty folder. */
export async function tryReadmes(settings: MatrixSettings): Promise<void> {
  for (const { path, directory, manifest } of publicPackages) {
    const readme = readFileSync(join(directory, 'README.md'), 'utf8');
    const [line] = /^npm install .*$/m.exec(readme) ?? [];
    if (line === undefined) continue;
    const folder = path.replaceAll('/', '-');
    const run = emptyProject(settings, folder);
    await attempt(settings, `README of ${manifest.name}`, async () => {
      await run(line.replace('--global ', ''));
      return (await run('du -sm node_modules')).split('\t')[0] + ' MB';
    });
    rmSync(join(settings.folder, folder), { recursive: true });
  }
}

type Run = (line: string) => Promise<string>;

function emptyProject(settings: MatrixSettings, name: string): Run {
  const folder = join(settings.folder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  // Yarn classic reads no other configuration.
  writeFileSync(join(folder, '.npmrc'), settings.npmrc);
  for (const [file, code] of Object.entries({ 'program.mjs': ESM, 'program.cjs': CJS, 'program.mts': TYPES }))
    writeFileSync(join(folder, file), code);
  return inProject(settings, name);
}

function inProject({ folder, env }: MatrixSettings, name: string): Run {
  return (line) => shell(line, join(folder, name), env);
}

function expectText(found: string, expected: string): string {
  if (found !== expected)
    throw new Error(`printed ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
  return 'runs';
}

async function attempt(
  { onAttempt }: MatrixSettings,
  what: string,
  action: () => Promise<string>,
): Promise<boolean> {
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const detail = await action();
    onAttempt({ what, detail: `${detail}, ${seconds()}` });
    return true;
  } catch (error) {
    onAttempt({ what, problem: (error as Error).message, detail: seconds() });
    return false;
  }
}
