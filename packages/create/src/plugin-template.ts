import { problemOfModalityName } from './modality-name.js';
import { renderProject } from './render-project.js';
import { respell } from './spellings.js';
import type { Template } from './template.js';

/** Name of the modality in the template's files. */
const EXAMPLE = 'new-modality';
const KINDS = ['plugin-continuous', 'plugin-discrete'];
const EXAMPLE_PACKAGE = `transfusion-modality-${EXAMPLE}`;

/** A stand-alone package with one modality. */
export const pluginTemplate: Template = {
  name: 'plugin',
  description: 'a package with a modality of your own, for others to install',
  questions: [
    {
      flag: 'kind',
      message: 'Which kind of modality?',
      choices: [
        { value: 'continuous', description: 'values are denoised together, such as images and sounds' },
        {
          value: 'discrete',
          description: 'values are tokens, generated one at a time, such as text and notes',
        },
      ],
    },
    {
      flag: 'name',
      message: 'Name of the modality, in checkpoints and prompts',
      suggest: (folderName) => folderName.replace(/^transfusion-modality-/, ''),
      problem: (name) => problemOfModalityName(name, renderProject({ folders: KINDS, replacements: [] })),
    },
    {
      flag: 'scope',
      message: 'npm scope of the package, such as @acme (empty for none)',
      suggest: () => '',
      problem: (scope) =>
        scope === '' || /^@[a-z0-9][a-z0-9._-]*$/.test(scope)
          ? undefined
          : `found '${scope}', expected a scope such as @acme, or nothing`,
    },
  ],
  project: ({ kind, name, scope }) => ({
    folders: ['plugin', `plugin-${kind}`],
    replacements: [
      [EXAMPLE_PACKAGE, `${scope === '' ? '' : `${scope}/`}transfusion-modality-${name}`],
      ...respell(EXAMPLE, name),
    ],
    nextSteps: [
      { script: 'test', description: 'the conformance checks of modalities' },
      { script: 'train', description: 'trains a small model with it, half a minute' },
      { script: 'sample', description: 'generates a value into samples/' },
      { script: 'build', description: 'compiles the package into dist/' },
    ],
  }),
};
