import { posix } from 'node:path';
import ts from 'typescript';
import { isCode, type Problem, type TextFile } from '../repository.js';

/** The files that each file imports by a relative path, whether values or types, at once or later. */
type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Finds files that import each other, directly or through others, and reports the shortest circle of each. */
export function checkImportCircles(files: readonly TextFile[]): Problem[] {
  return circlesOf(importGraph(files));
}

function importGraph(files: readonly TextFile[]): ImportGraph {
  const code = files.filter(({ path }) => isCode(path));
  const paths = new Set(code.map(({ path }) => path));
  const resolve = (importer: string, specifier: string): string | undefined => {
    const target = posix.join(posix.dirname(importer), specifier);
    return [target, target.replace(/js$/, 'ts'), target.replace(/js$/, 'tsx')].find((path) =>
      paths.has(path),
    );
  };
  return new Map(
    code.map(({ path, text }) => [
      path,
      ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => resolve(path, fileName))
        .filter((target) => target !== undefined),
    ]),
  );
}

function circlesOf(graph: ImportGraph): Problem[] {
  const circles = new Map<string, Problem>();
  for (const [from, imported] of graph) {
    const ways = imported
      .map((to) => shortestPath(graph, to, from))
      .filter((way) => way !== undefined)
      .sort((a, b) => a.length - b.length);
    if (ways.length === 0) continue;
    const key = [...ways[0]].sort().join();
    if (!circles.has(key)) {
      circles.set(key, { path: from, problem: `import circle: ${[from, ...ways[0]].join(' -> ')}` });
    }
  }
  return [...circles.values()];
}

/** The files on the shortest way along imports, both ends included; undefined if there is none. */
function shortestPath(graph: ImportGraph, start: string, end: string): string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[start, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === end) break;
    for (const next of graph.get(file) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  if (!cameFrom.has(end)) return undefined;
  const path: string[] = [];
  for (let file: string | undefined = end; file !== undefined; file = cameFrom.get(file)) path.unshift(file);
  return path;
}
