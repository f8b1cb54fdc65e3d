import { expect, test } from 'vitest';
import { commandName } from './command-name.js';

test.each([
  ['installed globally', undefined, 'transfusion'],
  ['by a script of a project', 'train', 'npx transfusion'],
  ['by npx', 'npx', 'npx transfusion'],
  ['in a clone of the repository', 'transfusion', 'npm run transfusion --'],
])('%s', (_, npm_lifecycle_event, expected) => {
  expect(commandName({ npm_lifecycle_event })).toBe(expected);
});
