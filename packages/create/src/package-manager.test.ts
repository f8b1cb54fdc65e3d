import { expect, test } from 'vitest';
import { packageManagerOf } from './package-manager.js';

test.each([
  [undefined, ['npm install', 'npm test', 'npm run train']],
  ['npm/11.0.0 node/v20.19.0 linux x64 workspaces/false', ['npm install', 'npm test', 'npm run train']],
  ['pnpm/10.1.0 npm/? node/v20.19.0 linux x64', ['pnpm install', 'pnpm test', 'pnpm run train']],
  ['yarn/4.1.0 npm/? node/v20.19.0', ['yarn install', 'yarn test', 'yarn run train']],
  ['bun/1.2.0 npm/? node/v22.0.0', ['bun install', 'bun run test', 'bun run train']],
])('the commands of %s', (userAgent, commands) => {
  const { install, run } = packageManagerOf(userAgent);
  expect([install, run('test'), run('train')]).toEqual(commands);
});
