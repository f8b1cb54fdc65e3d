import { isCode, type Problem, type TextFile } from '../repository.js';

interface Ban {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly applies: (path: string) => boolean;
}

const everywhere = (): boolean => true;
const lockfile = (path: string): boolean => path === 'pnpm-lock.yaml';

// Each pattern is written so that it does not match itself.
const bans: readonly Ban[] = [
  {
    pattern: /\bregistry\.[a-z0-9-]+\.(?:com|org|net|io|dev|cn|jp)\b|\bpypi\.org\b|\bpythonhosted\.org\b/i,
    problem: 'names a registry host: the machine’s own settings decide that',
    applies: everywhere,
  },
  {
    pattern: /^\s*(?:@[\w-]+:)?registry\s*=/m,
    problem: 'sets a registry: the machine’s own settings decide that',
    applies: (path) => path.endsWith('.npmrc'),
  },
  { pattern: /\btarball:|https?:\/\//, problem: 'the lockfile holds an address', applies: lockfile },
  {
    pattern: /(?<![\w.:/*~}$-])\/(?:work|root|home|Users)\//,
    problem: 'holds an absolute path of some machine',
    applies: everywhere,
  },
  { pattern: /\bTO(?:DO)\b|\bFIX(?:ME)\b/, problem: 'leaves work in a comment', applies: isCode },
  {
    pattern: /\b(?:it|test|describe|suite)\.(?:only|skip|todo)\b|(?<![.\w])[fx](?:it|describe)\(/,
    problem: 'narrows the test run',
    applies: (path) => /\.test\.[cm]?[jt]sx?$/.test(path),
  },
];

/** Text that must not be in the repository; the problem names the line. */
export function checkForbiddenText(files: readonly TextFile[]): Problem[] {
  return files.flatMap(({ path, text }) =>
    bans
      .filter(({ applies }) => applies(path))
      .flatMap(({ pattern, problem }) => {
        const match = pattern.exec(text);
        if (match === null) return [];
        const line = text.slice(0, match.index).split('\n').length;
        return [{ path: `${path}:${line}`, problem: `${problem} (${match[0].trim()})` }];
      }),
  );
}
