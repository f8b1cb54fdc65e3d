import ts from 'typescript';
import type { PublicExport } from './entry-point.js';

/**
 * Lists an export's name and those that come with it: members, parameters, and the strings that an option may
 * be, each as `Export.name`.
 */
export function namesOf({ name, declarations }: PublicExport): string[] {
  const names = new Set([name]);
  const visit = (node: ts.Node): void => {
    if (isHidden(node)) return;
    const found = nameOf(node);
    if (found !== undefined) names.add(`${name}.${found}`);
    ts.forEachChild(node, visit);
  };
  for (const declaration of declarations) ts.forEachChild(declaration, visit);
  return [...names];
}

/** Returns true for what a caller does not see: bodies, default values, private members. */
function isHidden(node: ts.Node): boolean {
  const isPrivate = (ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Private) !== 0;
  return isPrivate || ts.isBlock(node) || (ts.isExpression(node) && !ts.isArrowFunction(node));
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isLiteralTypeNode(node)) return ts.isStringLiteral(node.literal) ? node.literal.text : undefined;
  if (!ts.isClassElement(node) && !ts.isTypeElement(node) && !ts.isParameter(node)) return undefined;
  return node.name !== undefined && ts.isIdentifier(node.name) ? node.name.text : undefined;
}
