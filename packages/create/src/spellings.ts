/** The spellings of a name in kebab-case: as it is, `camelCase` and `PascalCase`. */
export interface Spellings {
  readonly kebab: string;
  readonly camel: string;
  readonly pascal: string;
}

/** Returns the spellings of a name in kebab-case. */
export function spellingsOf(kebab: string): Spellings {
  const camel = kebab.replace(/-+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { kebab, camel, pascal: camel[0].toUpperCase() + camel.slice(1) };
}

/** Returns the replacements of each spelling of a template's example name by those of another. */
export function respell(example: string, name: string): readonly (readonly [from: string, to: string])[] {
  const [from, to] = [spellingsOf(example), spellingsOf(name)];
  return [
    [from.kebab, to.kebab],
    [from.camel, to.camel],
    [from.pascal, to.pascal],
  ];
}
