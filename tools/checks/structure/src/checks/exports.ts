import ts from 'typescript';
import type { Problem, TextFile } from '../repository.js';

const librarySource = /^packages\/[^/]+\/src\/.*\.tsx?$/;
const entryPoint = /^packages\/[^/]+\/src\/(?:index|testing)\.ts$/;

/** Passed on as a whole by `@transfusion/tfjs`: its thousand names are TensorFlow.js's language. */
const PASSED_ON = '@tensorflow/tfjs-core';

/** In the libraries (`packages/`): no default exports, no `export *`; entry points only pass names on. */
export function checkExports(files: readonly TextFile[]): Problem[] {
  return files.filter(({ path }) => librarySource.test(path)).flatMap(problemsOf);
}

function problemsOf({ path, text }: TextFile): Problem[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
  return source.statements.flatMap((statement) => {
    const problem =
      exportProblem(statement) ?? (entryPoint.test(path) ? entryPointProblem(statement) : undefined);
    return problem === undefined ? [] : [{ path, problem }];
  });
}

function exportProblem(statement: ts.Statement): string | undefined {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause: clause, moduleSpecifier } = statement;
    const isPassedOn =
      moduleSpecifier !== undefined &&
      ts.isStringLiteral(moduleSpecifier) &&
      moduleSpecifier.text === PASSED_ON;
    if (clause === undefined && isPassedOn) return undefined;
    if (clause === undefined || ts.isNamespaceExport(clause)) return 'has an `export *`: list the names';
    const isDefault = clause.elements.some(({ name }) => name.text === 'default');
    return isDefault ? 'has a default export' : undefined;
  }
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  const isDefault = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
  return isDefault || ts.isExportAssignment(statement) ? 'has a default export' : undefined;
}

/** A bare call is allowed: it is how a package that registers itself does so. */
function entryPointProblem(statement: ts.Statement): string | undefined {
  if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) return undefined;
  if (ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression)) return undefined;
  return 'an entry point holds only `export { … } from` lines: move the code to a file of its own';
}
