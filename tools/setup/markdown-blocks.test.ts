import { expect, it } from 'vitest';
import { codeBlocks } from './markdown-blocks.mjs';

it('finds the blocks, their language and where they start', () => {
  const markdown = ['# x', '```sh', 'npm i', '```', '```ts', 'a();', '', 'b();', '```', 'end'].join('\n');
  expect(codeBlocks(markdown)).toEqual([
    { language: 'sh', line: 3, code: 'npm i' },
    { language: 'ts', line: 6, code: 'a();\n\nb();' },
  ]);
});
