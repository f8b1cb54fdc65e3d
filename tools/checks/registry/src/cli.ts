/** `npm run release -- --check`: the full matrix of installations, as a table. Exits with 1 if one fails. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryManagers, tryReadmes, tryTypes, type Attempt } from './install-matrix.js';
import { publishPackages } from './publish-packages.js';
import { startRegistry } from './registry-server.js';
import { userEnvironment } from './shell.js';

const failures: Attempt[] = [];
const onAttempt = (attempt: Attempt): void => {
  const { what, problem, detail } = attempt;
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'}  ${what.padEnd(48)}  ${detail}`);
  if (problem !== undefined) failures.push(attempt);
};

const folder = mkdtempSync(join(tmpdir(), 'transfusion-installs-'));
const server = await startRegistry(join(folder, 'registry'));
try {
  const userNpmrc = join(folder, 'user.npmrc');
  writeFileSync(userNpmrc, server.npmrc);
  const env = userEnvironment(userNpmrc);
  await publishPackages(server.url, env);
  const settings = { folder, npmrc: server.npmrc, env, onAttempt };
  await tryManagers(settings);
  await tryTypes(settings);
  await tryReadmes(settings);
} finally {
  await server.close();
  rmSync(folder, { recursive: true });
}
for (const { what, problem } of failures) console.error(`\n${what}:\n${problem}`);
process.exitCode = failures.length === 0 ? 0 : 1;
