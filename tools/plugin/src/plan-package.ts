import { fileURLToPath } from 'node:url';
import { problemOfModalityName, renderProject, respell } from '@transfusion/create';
import { TransfusionError } from '@transfusion/errors';
import type { PackagePlan } from './package-plan.js';

/** A call of a generator. */
export interface PackageRequest {
  readonly generator: 'modality' | 'noise-scheduler' | 'evaluator';
  /** In kebab-case. */
  readonly name: string;
  /** Of a modality. */
  readonly kind?: 'continuous' | 'discrete';
}

/** Folders of this package, beside those of `@transfusion/create`. */
const template = (name: string): string => fileURLToPath(new URL(`../templates/${name}`, import.meta.url));

/** Names in the templates. */
const EXAMPLES = { modality: 'new-modality', 'noise-scheduler': 'new-scheduler', evaluator: 'new-metric' };

/** Plans the package of a request. @throws TransfusionError `invalid-argument` for a name that cannot be used */
export function planPackage(request: PackageRequest): PackagePlan {
  const { generator, name } = request;
  const { files, recipe } = planUnchecked({ ...request, name: EXAMPLES[generator] });
  const problem = problemOfModalityName(name, new Map(recipe === undefined ? files : [...files, recipe]));
  if (problem === undefined) return planUnchecked(request);
  throw new TransfusionError('invalid-argument', `${generator}: ${problem}. Pass another name.`);
}

function planUnchecked({ generator, name, kind = 'continuous' }: PackageRequest): PackagePlan {
  if (generator === 'modality') return planModality(name, kind);
  if (generator === 'noise-scheduler') return planNoiseScheduler(name);
  return planEvaluator(name);
}

/** The source is that of the stand-alone plug-in. */
function planModality(name: string, kind: 'continuous' | 'discrete'): PackagePlan {
  const replacements = respell(EXAMPLES.modality, name);
  const folders = [`plugin-${kind}`, template(`modality-${kind}`)];
  const files = [...renderProject({ folders, replacements })];
  const [[path, recipe]] = files.filter(([file]) => file.startsWith('recipe/'));
  const packageName = `modality-${name}`;
  return {
    packageName,
    description: `The modality ${name} for Transfusion models.`,
    layer: 'layer:L2',
    dependencies:
      kind === 'continuous' ? ['diffusion', 'errors', 'modality', 'nn', 'tfjs'] : ['errors', 'modality'],
    files: new Map(files.filter(([file]) => file === 'README.md' || file.startsWith('src/'))),
    recipe: [path.slice('recipe/'.length), inWorkspace(recipe, packageName, path)],
  };
}

/** A recipe of the stand-alone plug-in, with the imports and commands of the workspace. */
function inWorkspace(recipe: string, packageName: string, path: string): string {
  const file = `tools/demos/examples/src/${path.slice('recipe/'.length)}`;
  const run = `runs/${packageName.slice('modality-'.length)}`;
  return recipe
    .replace("'../src/index.js'", `'@transfusion/${packageName}'`)
    .replace('npm run train', `npm run transfusion -- train ${file}`)
    .replace('npm run sample', `npm run transfusion -- sample ${run} rise --recipe ${file}`);
}

function planNoiseScheduler(name: string): PackagePlan {
  return {
    packageName: `scheduler-${name}`,
    description: `The noise scheduler ${name} for Transfusion models.`,
    layer: 'layer:L2',
    dependencies: ['diffusion', 'errors', 'modality', 'tfjs'],
    files: renderProject({
      folders: [template('noise-scheduler')],
      replacements: respell(EXAMPLES['noise-scheduler'], name),
    }),
  };
}

function planEvaluator(name: string): PackagePlan {
  return {
    packageName: `evaluator-${name}`,
    description: `The evaluator ${name} of generated values.`,
    layer: 'layer:L3.3',
    dependencies: ['errors', 'evaluators'],
    files: renderProject({
      folders: [template('evaluator')],
      replacements: respell(EXAMPLES.evaluator, name),
    }),
  };
}
