import type { Executable } from '../runtime/executable.js';

/** An LRU cache of compiled graphs, by structure. */
export class GraphCache {
  private readonly entries = new Map<string, Executable>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string, compile: () => Executable): Executable {
    const known = this.entries.get(key);
    const executable = known ?? compile();
    if (known !== undefined) this.entries.delete(key);
    else if (this.entries.size >= this.limit) this.dropOldest();
    this.entries.set(key, executable);
    return executable;
  }

  clear(): void {
    while (this.entries.size > 0) this.dropOldest();
  }

  private dropOldest(): void {
    const [key, executable] = this.entries.entries().next().value!;
    executable.dispose();
    this.entries.delete(key);
  }
}
