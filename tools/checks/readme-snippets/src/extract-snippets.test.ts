import { expect, it } from 'vitest';
import { extractSnippets } from './extract-snippets.js';

it('finds the TypeScript blocks and where they start', () => {
  const markdown = ['# x', '```sh', 'npm i', '```', '```ts', 'a();', '', 'b();', '```', 'end'].join('\n');
  expect(extractSnippets(markdown)).toEqual([{ line: 6, code: 'a();\n\nb();' }]);
});
