/**
 * One process at a time trains in a directory. The lock is a file that names its process; the lock of a process that is
 * gone (killed, or ended by a power loss) is taken over.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransfusionError } from '@transfusion/errors';
import { withWriteErrors } from './with-write-errors.js';

/** A lock that this process holds. */
export interface DirectoryLock {
  /** Lets other processes in; may be called again. */
  release(): Promise<void>;
}

/** The content of the lock file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Identifies the process among all that had its pid, where the system tells; else null. */
  readonly process: string | null;
  /** Namespace of the pid, where the system tells; else null. */
  readonly namespace: string | null;
  readonly since: string;
  /** Differs from all other locks. */
  readonly id: string;
}

/** File name of the lock. */
export const LOCK_FILE = 'run.lock';

/** Time after which a takeover has ended, or its process, in milliseconds. */
const TAKEOVER_MS = 10_000;

/** Time after which the content of a new lock is written, in milliseconds; creating and writing it are two steps. */
const WRITING_MS = 300;

/**
 * Locks a directory, which is created if it does not exist.
 *
 * @throws TransfusionError `training-failed` if another process (or another run of this one) holds the lock, naming its
 *   pid and host, or if the directory cannot be written to
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, LOCK_FILE);
  await withWriteErrors(directory, () => mkdir(directory, { recursive: true }));
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    process: await processIdentity(process.pid),
    namespace: await pidNamespace(),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  while (!(await create(path, own))) {
    const holder = await readHolder(path);
    if (holder !== undefined && (await isAlive(holder))) throw locked(directory, path, holder);
    await removeStale(path);
  }
  return {
    release: async () => {
      if ((await readHolder(path))?.id === own.id) await rm(path, { force: true });
    },
  };
}

/** Runs `work` with {@link lockDirectory}'s lock, and releases it at the end. */
export async function withDirectoryLock<T>(
  directory: string,
  work: (lock: DirectoryLock) => Promise<T>,
): Promise<T> {
  const lock = await lockDirectory(directory);
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/** Returns false if the file exists. */
function create(path: string, holder: Holder): Promise<boolean> {
  return withWriteErrors(path, async () => {
    try {
      await writeFile(path, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
}

/**
 * Returns undefined if the file is gone, or if it is still not a lock after {@link WRITING_MS}: its writer ended between
 * creating and writing it.
 */
async function readHolder(path: string): Promise<Holder | undefined> {
  for (let waited = 0; waited <= WRITING_MS; waited += 50) {
    try {
      const holder = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder> | null;
      if (typeof holder?.pid === 'number' && typeof holder.id === 'string') return holder as Holder;
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    await sleep(50);
  }
  return undefined;
}

/**
 * Removes a lock that is still stale once no other process can remove it: between looking and removing, another one may
 * have taken it over.
 */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const { mtimeMs } = await stat(guard).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > TAKEOVER_MS) await rm(guard, { recursive: true, force: true });
    else await sleep(20);
    return;
  }
  try {
    const holder = await readHolder(path);
    if (holder === undefined || !(await isAlive(holder))) await rm(path, { force: true });
  } finally {
    await rm(guard, { recursive: true, force: true });
  }
}

/** A process on another host, or in another container, cannot be asked, so it counts as alive. */
async function isAlive({ pid, host, namespace, process: identity }: Holder): Promise<boolean> {
  if (host !== hostname() || namespace !== (await pidNamespace())) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const current = await processIdentity(pid);
  return current !== ENDED && (identity === null || current === null || current === identity);
}

/** Identity of a process that has ended, and that its parent has not asked about yet. */
const ENDED = 'ended';

/** Returns the namespace of this process's pid, on Linux: containers have their own. Null elsewhere. */
function pidNamespace(): Promise<string | null> {
  return readlink('/proc/self/ns/pid').catch(() => null);
}

/** Returns the boot and the time since boot at which a process started, on Linux; null elsewhere. */
async function processIdentity(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The second field, the program's name in parentheses, may hold spaces; the start time is the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

function locked(directory: string, path: string, { pid, host, since }: Holder): TransfusionError {
  return new TransfusionError(
    'training-failed',
    `${directory}: process ${pid} on ${host} has been training here since ${since}, expected no other process. ` +
      `Wait for it, or stop it; if it no longer runs, remove ${path}.`,
  );
}
