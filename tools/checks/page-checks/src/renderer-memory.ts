import { readdirSync, readFileSync } from 'node:fs';

/** Returns the resident memory of Chromium's largest renderer below this process, in megabytes: that of the page on show. */
export function rendererMegabytes(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(describe)
    .filter((found) => found !== undefined);
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined; at = parents.get(at)) {
      if (at === process.pid) return true;
    }
    return false;
  };
  const renderers = processes.filter(
    ({ pid, command }) => command.includes('--type=renderer') && isOurs(pid),
  );
  return Math.max(...renderers.map(({ pages }) => pages)) * (4096 / 1e6);
}

/** Returns undefined for a process that has ended meanwhile. */
function describe(name: string) {
  try {
    const status = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The name, in parentheses, may have spaces.
    const [, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    const pages = Number(readFileSync(`/proc/${name}/statm`, 'utf8').split(' ')[1]);
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
    return { pid: Number(name), parent: Number(parent), pages, command };
  } catch {
    return undefined;
  }
}
