/** Listens to everything that imports, and reports those for which `problemOf(specifier)` gives a reason. */
export function reportImports(context, problemOf) {
  function check(source) {
    if (typeof source?.value !== 'string') return;
    const reason = problemOf(source.value);
    if (reason !== undefined) context.report({ node: source, messageId: 'forbidden', data: { reason } });
  }
  return {
    ImportDeclaration: (node) => check(node.source),
    ExportNamedDeclaration: (node) => check(node.source),
    ExportAllDeclaration: (node) => check(node.source),
    ImportExpression: (node) => check(node.source),
    TSImportType: (node) => check(node.source ?? node.argument?.literal),
  };
}

/** The `meta` of a rule that calls {@link reportImports}. */
export const importRuleMeta = { type: 'problem', schema: [], messages: { forbidden: '{{reason}}.' } };
