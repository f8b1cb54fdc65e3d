import { posix } from 'node:path';
import { relativeLinks } from '@transfusion/setup/markdown-links';
import type { Problem, TextFile } from '../repository.js';

/** Checks that relative links in Markdown files lead somewhere. A release makes those of READMEs absolute. */
export function checkLinks(files: readonly TextFile[], exists: (path: string) => boolean): Problem[] {
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      relativeLinks(text)
        .filter((link) => !exists(posix.join(posix.dirname(path), link.split('#')[0])))
        .map((link) => ({ path, problem: `the link ${link} leads nowhere` })),
    );
}
