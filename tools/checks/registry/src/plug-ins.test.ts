/**
 * The path of an author outside of this repository, from `npm create @transfusion` to a package that another project
 * installs: each command as the template prints it, or as its README has it.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from '@transfusion/setup/markdown-blocks';
import { pnpmSpec } from '@transfusion/setup/workspace';
import { describe, expect, inject, test } from 'vitest';
import { emptyFolder } from './empty-folder.js';
import { readmeSection } from './readme-section.js';
import { shell } from './shell.js';

const plugIns = [
  {
    create: 'npm create @transfusion --',
    kind: 'continuous',
    name: 'motion',
    sample: 'samples/rise.csv',
    // A line from -1 to 1.
    isRise: (text: string): boolean =>
      text
        .trim()
        .split('\n')
        .every((line, i) => Math.abs(Number(line) - (i / 31.5 - 1)) < 0.25),
  },
  {
    create: `npx -y ${pnpmSpec} create @transfusion`,
    kind: 'discrete',
    name: 'melody',
    sample: 'samples/rise.notes',
    isRise: (text: string): boolean => text.startsWith('C4 D4 E4 F4 G4 A4 B4 C5'),
  },
];

describe.each(plugIns)('a plug-in, $kind, by `$create`', ({ create, kind, name, sample, isRise }) => {
  const packageName = `@acme/transfusion-modality-${name}`;
  const author = emptyFolder(`author-${name}`);
  const plugIn = join(author.path, `transfusion-modality-${name}`);
  // Not CI: there, pnpm refuses to install without a lockfile, which a new project does not have.
  const env = { ...author.env, CI: 'false' };

  test('is created, passes its tests, trains, samples and is built', { timeout: 600_000 }, async () => {
    const flags = `--template plugin --kind ${kind} --scope @acme`;
    const printed = await shell(`${create} transfusion-modality-${name} ${flags}`, author.path, env);
    const commands = printed
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .map((line) => line.split('#')[0].trim());
    expect(commands).toHaveLength(6);
    expect(commands[0]).toBe(`cd transfusion-modality-${name}`);
    for (const line of commands.slice(1)) await shell(line, plugIn, env);
    expect(isRise(readFileSync(join(plugIn, sample), 'utf8'))).toBe(true);
  });

  test('is checked and published', { timeout: 120_000 }, async () => {
    for (const line of ['npm run check', 'npm publish']) await shell(line, plugIn, env);
    const response = await fetch(`${inject('registry').url}${packageName.replace('/', '%2f')}`);
    const { versions } = (await response.json()) as { versions: Record<string, { keywords: string[] }> };
    expect(versions['0.1.0'].keywords).toContain('transfusion-plugin');
  });

  test('is used by another project, as its README says', { timeout: 300_000 }, async () => {
    const { path, run } = emptyFolder(`uses-${name}`);
    const readme = readFileSync(join(plugIn, 'README.md'), 'utf8');
    const [install] = codeBlocks(readmeSection(readme, 'Install')).map(({ code }) => code);
    const [, load] = codeBlocks(readmeSection(readme, 'Use')).map(({ code }) => code);
    await run('npm init -y && npm pkg set type=module');
    await run(install);
    await run('npm install @transfusion/cli @transfusion/engine @transfusion/pipelines tsx');

    // The model that its author trained.
    cpSync(join(plugIn, 'runs'), join(path, 'runs'), { recursive: true });
    writeFileSync(join(path, 'generate.ts'), `${load}\n${GENERATE.replaceAll('NAME', name)}`);
    expect(isRise(await run('npx tsx generate.ts'))).toBe(true);

    // A run of its own, by the command line.
    const recipe = readFileSync(join(plugIn, `recipe/${name}-recipe.ts`), 'utf8');
    writeFileSync(join(path, 'recipe.ts'), recipe.replace('../src/index.js', packageName));
    const trained = await run('npx transfusion train recipe.ts --steps 2 --directory own');
    expect(trained).toContain('2 of 2 steps');
  });
});

/** Prints the file of a generated value. */
const GENERATE = `
import { selectEngine } from '@transfusion/engine';
import { generate } from '@transfusion/pipelines';

await selectEngine('auto');
const prompt = [{ modality: 'text', value: 'rise' }];
const value = await generate(loaded, { prompt, output: 'NAME', seed: 1 });
const media = loaded.model.modalities.get('NAME').media!;
console.log(new TextDecoder().decode(await media.encode(value)));
`;
