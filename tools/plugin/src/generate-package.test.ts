/** The files of each generator; that they work is tested in a copy of the workspace (`tools/checks/generators`). */
import { root } from '@transfusion/setup/workspace';
import { describe, expect, test } from 'vitest';
import { generatePackage, type PackageRequest } from './generate-package.js';

const requests: readonly (readonly [request: PackageRequest, folder: string])[] = [
  [{ generator: 'modality', name: 'motion-capture', kind: 'continuous' }, 'modality-motion-capture'],
  [{ generator: 'modality', name: 'motion-capture', kind: 'discrete' }, 'modality-motion-capture'],
  [{ generator: 'noise-scheduler', name: 'motion-capture' }, 'scheduler-motion-capture'],
  [{ generator: 'evaluator', name: 'motion-capture' }, 'evaluator-motion-capture'],
];

describe.each(requests)('%j', (request, folder) => {
  test('has the files of a package, and its lines elsewhere', async () => {
    const { files, nextSteps } = await generatePackage(root, request);
    const own = [...files.keys()].filter((path) => path.startsWith(`packages/${folder}/`));
    const names = own.map((path) => path.slice(`packages/${folder}/`.length));
    expect(names).toEqual(
      expect.arrayContaining([
        ...['LICENSE', 'README.md', 'package.json', 'tsconfig.json', 'tsup.config.ts', 'vitest.config.ts'],
        ...['src/index.ts', 'src/motion-capture.ts', 'src/motion-capture.test.ts'],
      ]),
    );
    expect(files.get(`.changeset/${folder}.md`)).toContain(`'@transfusion/${folder}': minor\n`);
    expect(files.get('README.md')).toMatch(new RegExp(`^  ${folder} +L[23]  .* motion-capture`, 'm'));
    expect(nextSteps.join('\n')).toContain(`npm run nx -- test @transfusion/${folder}`);
  });

  test('has the name everywhere', async () => {
    const { files } = await generatePackage(root, request);
    for (const text of files.values()) expect(text).not.toMatch(/new-?(?:modality|scheduler|metric)/i);
  });
});

test('a recipe imports the package, and the examples depend on it', async () => {
  const { files } = await generatePackage(root, requests[0][0]);
  const recipe = files.get('tools/demos/examples/src/motion-capture-recipe.ts');
  expect(recipe).toContain("from '@transfusion/modality-motion-capture';");
  expect(recipe).not.toContain('npm run train');
  const manifest = JSON.parse(files.get('tools/demos/examples/package.json')!) as Record<string, object>;
  expect(manifest['dependencies']).toMatchObject({ '@transfusion/modality-motion-capture': 'workspace:*' });
});

test.each<[PackageRequest, string]>([
  [{ generator: 'modality', name: 'Sound' }, "modality: found 'Sound', expected lower-case letters"],
  [{ generator: 'modality', name: 'text' }, "'text' stands for something else in the template's code"],
  [{ generator: 'modality', name: 'captions' }, "'captions' stands for something else"],
  [{ generator: 'modality', name: 'image' }, 'there is packages/modality-image already'],
  [{ generator: 'noise-scheduler', name: 'loss' }, "noise-scheduler: 'loss' is reserved"],
  [{ generator: 'evaluator', name: 'examples' }, "'examples' stands for something else"],
])('%j is refused', async (request, message) => {
  await expect(generatePackage(root, request)).rejects.toThrow(message);
});
