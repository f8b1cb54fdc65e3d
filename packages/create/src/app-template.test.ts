import { expect, test } from 'vitest';
import { appTemplate } from './app-template.js';
import { renderProject } from './render-project.js';

test('the name of the app is that of its model, wherever it is used', () => {
  const files = renderProject(appTemplate.project({ name: 'flowers' }));
  const manifest = JSON.parse(files.get('package.json')!) as {
    readonly name: string;
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(manifest.name).toBe('flowers');
  expect(manifest.scripts['serve']).toBe('transfusion-serve runs/flowers');
  expect(files.get('recipe.ts')).toContain("name: 'flowers'");
  expect(files.get('README.md')).toContain('npx transfusion caption runs/flowers');
  for (const [path, text] of files) expect([path, text.includes('new-app')]).toEqual([path, false]);
});

test('each command after the installation is a script of the app, and in its guide', () => {
  const { nextSteps, ...project } = appTemplate.project({ name: 'flowers' });
  const files = renderProject(project);
  const { scripts } = JSON.parse(files.get('package.json')!) as { readonly scripts: object };
  expect(nextSteps.length).toBeGreaterThan(0);
  for (const { script } of nextSteps) {
    expect(Object.keys(scripts)).toContain(script);
    expect(files.get('README.md')).toContain(`npm run ${script}`);
  }
});

test('what the commands write is not committed', () => {
  const ignored = renderProject(appTemplate.project({ name: 'flowers' })).get('.gitignore');
  for (const folder of ['node_modules/', 'images/', 'runs/']) expect(ignored).toContain(folder);
});
