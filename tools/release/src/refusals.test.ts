import { describe, expect, test } from 'vitest';
import { ciIdentity } from './ci-identity.js';
import { accountRefusals, refusals } from './refusals.js';

describe('a release begins', () => {
  const ready = { branch: 'main', changes: [], repository: 'https://github.com/o/n' };

  test('on a clean main that knows its address', () => expect(refusals(ready)).toEqual([]));

  test.each([
    ['on another branch', { branch: 'fix' }, 'the branch is fix, expected main'],
    ['on no branch', { branch: '' }, 'the branch is none'],
    [
      'with changes',
      { changes: [' M a.ts', '?? b.ts'] },
      'found changes that are not committed (2: M a.ts …)',
    ],
    ['without an address', { repository: undefined }, 'npm pkg set repository='],
  ])('not %s', (_case, change, problem) => {
    expect(refusals({ ...ready, ...change })).toEqual([expect.stringContaining(problem)]);
  });

  test('not behind origin, nor without a user of npm and of git', () => {
    expect(accountRefusals({ behind: 0, publisher: 'someone', committer: 'Someone' })).toEqual([]);
    expect(accountRefusals({ behind: 2, publisher: undefined, committer: undefined })).toEqual([
      'main lacks 2 commits of origin. Run: git pull',
      expect.stringContaining('npm login'),
      expect.stringContaining('git config user.name'),
    ]);
  });
});

test('CI services vouch for a job that may ask for an identity', () => {
  expect(ciIdentity({ ACTIONS_ID_TOKEN_REQUEST_URL: 'https://example.org' })).toBe('GitHub Actions');
  expect(ciIdentity({ SIGSTORE_ID_TOKEN: 'x' })).toBe('GitLab CI');
  expect(ciIdentity({ CI: 'true', GITHUB_ACTIONS: 'true' })).toBeUndefined();
});
