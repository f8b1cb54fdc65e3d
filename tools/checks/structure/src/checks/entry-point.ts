import { dirname, join } from 'node:path';
import ts from 'typescript';

/** A name that an entry point exports. */
export interface PublicExport {
  readonly name: string;
  /** The comment before its declaration; empty if there is none. */
  readonly documentation: string;
  /** Empty if they are nowhere to be found. */
  readonly declarations: readonly ts.Declaration[];
}

/** Reads an entry point's exports, except those that another package declares. */
export function readEntryPoint(
  path: string,
  options: ts.CompilerOptions,
  host: ts.CompilerHost = ts.createCompilerHost(options),
): PublicExport[] {
  const program = ts.createProgram([path], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${path} is not a module`);
  const packageSource = `${dirname(path)}/`;
  return checker
    .getExportsOfModule(module)
    .map((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      return {
        name: exported.name,
        documentation: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
        declarations: symbol.declarations ?? [],
      };
    })
    .filter(
      ({ declarations }) =>
        declarations.length === 0 ||
        declarations.some((declaration) => declaration.getSourceFile().fileName.startsWith(packageSource)),
    );
}

/** The names without a TSDoc comment, which include those whose declaration is nowhere to be found. */
export function undocumentedNames(exports: readonly PublicExport[]): string[] {
  return exports.filter(({ documentation }) => documentation === '').map(({ name }) => name);
}

/** Reads the compiler options of a project from its tsconfig.json. */
export function compilerOptions(directory: string): ts.CompilerOptions {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(directory, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  );
  return config!.options;
}
