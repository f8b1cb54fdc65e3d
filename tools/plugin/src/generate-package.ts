/** The files of a new package, and what a new package changes in the others. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { format, resolveConfig } from 'prettier';
import type { PackagePlan } from './package-plan.js';
import { planPackage, type PackageRequest } from './plan-package.js';

export type { PackageRequest };

/** A generated package. */
export interface GeneratedPackage {
  /** Contents by path from the workspace's root. */
  readonly files: ReadonlyMap<string, string>;
  /** Lines to print. */
  readonly nextSteps: readonly string[];
}

/** The package whose manifest and settings a new one starts from. */
const MODEL = 'packages/losses';
const EXAMPLES = 'tools/demos/examples';

/**
 * Generates a package of the workspace.
 *
 * @throws TransfusionError `invalid-argument` for a name that cannot be used, or is in use
 */
export async function generatePackage(root: string, request: PackageRequest): Promise<GeneratedPackage> {
  const plan = planPackage(request);
  const folder = `packages/${plan.packageName}`;
  if (existsSync(join(root, folder))) {
    throw new TransfusionError(
      'invalid-argument',
      `${request.generator}: there is ${folder} already. Pass another name; nothing was changed.`,
    );
  }
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const settings = ['LICENSE', 'tsconfig.json', 'tsup.config.ts', 'vitest.config.ts'];
  const files = new Map([
    ...settings.map((file) => [`${folder}/${file}`, read(`${MODEL}/${file}`)] as const),
    [`${folder}/package.json`, manifestOf(plan, read(`${MODEL}/package.json`))],
    ...[...plan.files].map(([path, text]) => [`${folder}/${path}`, text] as const),
    [`.changeset/${plan.packageName}.md`, changesetOf(plan)],
    ['README.md', withPackageLine(read('README.md'), plan)],
    ...recipeFiles(plan, read),
  ]);
  return { files: await formatted(files, root), nextSteps: nextStepsOf(plan) };
}

function manifestOf(plan: PackagePlan, model: string): string {
  const { dependencies: _, devDependencies: __, ...fields } = JSON.parse(model) as Record<string, unknown>;
  return JSON.stringify({
    ...fields,
    name: `@transfusion/${plan.packageName}`,
    version: '0.0.0',
    description: plan.description,
    dependencies: Object.fromEntries(
      plan.dependencies.map((name) => [`@transfusion/${name}`, 'workspace:^']),
    ),
    nx: { tags: [plan.layer] },
  });
}

function changesetOf({ packageName, description }: PackagePlan): string {
  return `---\n'@transfusion/${packageName}': minor\n---\n\n${description}\n`;
}

/** Adds a line to the list of packages, after the last one of the same layer. */
function withPackageLine(readme: string, { packageName, layer, description }: PackagePlan): string {
  const level = layer.slice('layer:'.length, 'layer:L0'.length);
  const lines = readme.split('\n');
  const last = lines.findLastIndex((line) => new RegExp(`^  [\\w-]+ +${level}  `).test(line));
  const text = description[0].toLowerCase() + description.slice(1, -1);
  lines.splice(last + 1, 0, `  ${packageName.padEnd(26)}  ${level}  ${text}`);
  return lines.join('\n');
}

/** The recipe, among the examples, which may import any package. */
function recipeFiles(
  { packageName, recipe }: PackagePlan,
  read: (path: string) => string,
): (readonly [path: string, text: string])[] {
  if (recipe === undefined) return [];
  const manifest = JSON.parse(read(`${EXAMPLES}/package.json`)) as { dependencies: Record<string, string> };
  const dependencies = { ...manifest.dependencies, [`@transfusion/${packageName}`]: 'workspace:*' };
  const sorted = Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
  return [
    [`${EXAMPLES}/src/${recipe[0]}`, recipe[1]],
    [`${EXAMPLES}/package.json`, JSON.stringify({ ...manifest, dependencies: sorted })],
  ];
}

/** Names of other lengths break lines elsewhere. */
async function formatted(
  files: ReadonlyMap<string, string>,
  root: string,
): Promise<ReadonlyMap<string, string>> {
  const options = await resolveConfig(join(root, 'package.json'));
  const formattable = [...files].filter(([path]) => /\.(?:ts|json|md)$/.test(path));
  const results = formattable.map(
    async ([path, text]) => [path, await format(text, { ...options, filepath: path })] as const,
  );
  return new Map([...files, ...(await Promise.all(results))]);
}

function nextStepsOf({ packageName, recipe }: PackagePlan): string[] {
  const name = `@transfusion/${packageName}`;
  return [
    `Wrote packages/${packageName}, its changeset, and its line in README.md. Next:`,
    '',
    `  npm run nx -- test ${name}`,
    `  npm run nx -- build ${name}`,
    ...(recipe === undefined ? [] : [`  npm run transfusion -- train ${EXAMPLES}/src/${recipe[0]}`]),
    '',
    recipe === undefined
      ? 'Replace what it computes, its README and the sentence of its changeset.'
      : `\`grep -rn "Replace:" packages/${packageName}\` lists what makes the modality yours.`,
  ];
}
