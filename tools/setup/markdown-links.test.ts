import { expect, test } from 'vitest';
import { mapRelativeLinks, relativeLinks } from './markdown-links.mjs';

const text = `# a
[\`@transfusion/b\`](../b), ![c](docs/c.png "see"), [[d]](./d.md#part) and [e]

[e]: e/f.md
[web](https://example.org/a) [mail](mailto:a@example.org) [here](#a) \`[no](code)\`

\`\`\`ts
rows[0](x);
\`\`\`
[last](g)`;

test('relative links are found, in text alone', () => {
  expect(relativeLinks(text)).toEqual(['../b', 'docs/c.png', './d.md#part', 'e/f.md', 'g']);
});

test('replacing them keeps all else', () => {
  expect(mapRelativeLinks(text, (target: string) => target)).toBe(text);
  expect(mapRelativeLinks('[a](../b "t") [c](d)', (target: string) => `x:${target}`)).toBe(
    '[a](x:../b "t") [c](x:d)',
  );
});
