import { workspaceProjects, root } from '@transfusion/setup/workspace';
import { shell } from './shell.js';

/** The packages that are published: every project that is not private. */
export const publicPackages = workspaceProjects().filter(({ manifest }) => manifest.private !== true);

/** Builds all packages and publishes them to a registry. */
export async function publishPackages(url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const nx = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
  await shell('pnpm exec nx run-many -t build --parallel=2 --output-style=static', root, nx);
  await shell(`pnpm --recursive publish --no-git-checks --registry ${url}`, root, { ...process.env, ...env });
}
