import { dirname } from 'node:path';
import ts from 'typescript';

/**
 * The names that an entry point exports without a TSDoc comment: those declared in its own package,
 * and those whose declaration is nowhere to be found.
 */
export function undocumentedExports(
  entryPoint: string,
  options: ts.CompilerOptions,
  host: ts.CompilerHost = ts.createCompilerHost(options),
): string[] {
  const program = ts.createProgram([entryPoint], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entryPoint);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${entryPoint} is not a module`);
  const packageSource = `${dirname(entryPoint)}/`;
  return checker
    .getExportsOfModule(module)
    .filter((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const declarations = symbol.declarations ?? [];
      const isForeign =
        declarations.length > 0 && !declarations.some((declaration) => isWithin(packageSource, declaration));
      return !isForeign && symbol.getDocumentationComment(checker).length === 0;
    })
    .map(({ name }) => name);
}

function isWithin(directory: string, declaration: ts.Declaration): boolean {
  return declaration.getSourceFile().fileName.startsWith(directory);
}
