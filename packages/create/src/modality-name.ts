import { identifiersIn } from './identifiers.js';
import { spellingsOf } from './spellings.js';

/** Names that the registry of `@transfusion/modality` reserves. */
const RESERVED = ['tokens', 'loss', 'document'];

/** Words of JavaScript, which cannot name the function that returns the modality. */
const KEYWORDS = (
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
  'finally for function if implements import in instanceof interface let new null package private protected public return ' +
  'static super switch this throw true try typeof undefined var void while with yield'
).split(' ');

/**
 * Returns the problem with the name of a modality, which also names functions, types and files.
 *
 * @param files the template's, which must not use it for anything else: contents by path
 */
export function problemOfModalityName(name: string, files: ReadonlyMap<string, string>): string | undefined {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name))
    return `found '${name}', expected lower-case letters and digits in words joined by -, such as sound or motion-capture`;
  if (RESERVED.includes(name))
    return `'${name}' is reserved, expected another name than ${RESERVED.join(', ')}`;
  if (KEYWORDS.includes(name)) return `'${name}' is a word of JavaScript, expected another name`;
  const { camel, pascal } = spellingsOf(name);
  const used = identifiersIn(files);
  const clash = [camel, pascal].find((identifier) => used.has(identifier));
  return clash === undefined
    ? undefined
    : `'${clash}' stands for something else in the template's code, expected another name, such as my-${name}`;
}
