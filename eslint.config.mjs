import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import { workspaceProjects } from './tools/setup/workspace.mjs';
import { createLayerImportsRule } from './tools/checks/structure/src/eslint/layer-imports.mjs';
import { modalityImporters } from './tools/checks/structure/src/eslint/modality-importers.mjs';
import { createModalityImportsRule } from './tools/checks/structure/src/eslint/modality-imports.mjs';

const manifests = new Map(workspaceProjects().map(({ manifest }) => [manifest.name, manifest]));

const transfusion = {
  rules: {
    'layer-imports': createLayerImportsRule((name) => manifests.get(name)),
    'modality-imports': createModalityImportsRule(import.meta.dirname, modalityImporters),
  },
};

const namedExportsOnly = [
  {
    selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
    message: 'No default exports: they have no name to search for.',
  },
  { selector: 'ExportAllDeclaration', message: 'No `export *`: list the names.' },
];

// One program of the whole repository is far smaller, and faster, than one for each project.
const isRoot = process.cwd() === import.meta.dirname;

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/test-results/',
      '**/coverage/',
      'demo-out/',
      'runs/',
      '**/.cache/',
      '**/.scratch/',
      '.nx/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: {
        ...(isRoot
          ? {
              project: [
                'tsconfig.json',
                'packages/page/tsconfig.json',
                'packages/web/tsconfig.json',
                'tools/checks/page-checks/tsconfig.json',
              ],
            }
          : { projectService: true }),
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', ...namedExportsOnly],
    },
  },
  {
    files: ['{packages,apps,tools}/**'],
    ignores: ['**/*.config.{ts,mjs}'],
    plugins: { transfusion },
    rules: { 'transfusion/layer-imports': 'error', 'transfusion/modality-imports': 'error' },
  },
  {
    // Their readers want a default export.
    files: ['**/*.config.{ts,mjs}'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
