/** The field's English: words that names avoid, how a comment opens, American spelling. */
import { isCode, type Problem, type TextFile } from '../repository.js';

/** Paths of files with words that are data, each with the reason. */
type Exceptions = Readonly<Record<string, string>>;

/** Words of names, and the field's word instead. */
const bannedWords: Readonly<Record<string, string>> = {
  picture: 'image',
  pictures: 'images',
  draw: 'sample or generate',
  draws: 'samples',
  drawn: 'sampled or generated',
  drawing: 'generation',
  drawings: 'generated images',
  restyle: 'style transfer or edit',
  place: 'position, slot, cursor or location',
  places: 'positions, slots, cursors or locations',
  given: 'trainable: false, or what it is',
  'held out': 'validation',
  'running mean': 'EMA',
};

/** The problem with each name that holds a banned word or British spelling; `Options.member` names a member. */
export function wordingProblems(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const words = ` ${wordsOf(name.split('.').at(-1)!)} `;
    const banned = Object.keys(bannedWords).find((word) => words.includes(` ${word} `));
    if (banned !== undefined) return [`${name}: instead of '${banned}' say ${bannedWords[banned]}`];
    const british = britishSpelling.exec(words);
    return british === null ? [] : [`${name}: British spelling '${british[0]}'`];
  });
}

/** `heldOutLoss` -> `held out loss` */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase();
}

// Written so that it does not match itself.
const britishSpelling = new RegExp(
  [
    '(?:behavi|col|fav|flav|hon|lab|neighb|vap)our',
    'gr(?:ey)',
    'cent(?:re)',
    'licen(?:ce)',
    'catalog(?:ue)',
    '(?:cancel|label|level|model|signal|travel)l(?:ed|ing)',
    '(?:anal|catal|paral)yse',
    '(?:categor|character|custom|discret|emphas|factor|general|initial|maxim|minim|normal|optim|organ|penal|quant|' +
      'random|recogn|regular|serial|special|summar|synchron|token|util|vector|visual)is(?:e|ing|ation)',
  ].join('|'),
  'i',
);

/** Checks that text files spell the American way. A file in `exceptions` (path to reason) may hold data that does not. */
export function checkSpelling(files: readonly TextFile[], exceptions: Exceptions): Problem[] {
  return exceptIn(exceptions, files, ({ path, text }) =>
    problemsByLine(path, text, new RegExp(britishSpelling, 'gi'), 'British spelling'),
  );
}

/** A comment that opens like a translation, rather than with a verb phrase or a noun phrase. */
const translatedOpening =
  /\/\*\*[\s*]*(?:What|How|Where|Whether|When|Which|Who|Why|Says|Tells|Hears|That|Those)\b/g;

/** TSDoc comments that open with a question word or another stand-in for the thing itself. */
export function checkCommentOpenings(files: readonly TextFile[]): Problem[] {
  return files
    .filter(({ path }) => isCode(path))
    .flatMap(({ path, text }) =>
      problemsByLine(path, text, translatedOpening, 'open the comment with a verb or a noun'),
    );
}

/**
 * Checks that the TypeScript of packages and apps calls images images. A file in `exceptions` (path to reason) may hold
 * the other word in data values.
 */
export function checkPictures(files: readonly TextFile[], exceptions: Exceptions): Problem[] {
  const code = files.filter(({ path }) => /^(?:packages|apps)\/.*\.ts$/.test(path));
  return exceptIn(exceptions, code, ({ path, text }) =>
    problemsByLine(path, text, /picture/gi, 'an image is meant'),
  );
}

/** Problems of the files that are no exception; an exception without a problem is one, too. */
function exceptIn(
  exceptions: Exceptions,
  files: readonly TextFile[],
  check: (file: TextFile) => Problem[],
): Problem[] {
  const found = files.map((file) => ({ path: file.path, problems: check(file) }));
  const needed = new Set(found.filter(({ problems }) => problems.length > 0).map(({ path }) => path));
  const unused = Object.keys(exceptions).filter((path) => !needed.has(path));
  return [
    ...found.flatMap(({ path, problems }) => (path in exceptions ? [] : problems)),
    ...unused.map((path) => ({ path, problem: 'is an exception without need: take it off the list' })),
  ];
}

function problemsByLine(path: string, text: string, pattern: RegExp, problem: string): Problem[] {
  return [...text.matchAll(pattern)].map((match) => {
    const line = text.slice(0, match.index + match[0].length).split('\n').length;
    return { path: `${path}:${line}`, problem: `${problem} (${match[0].split(/[\s*]+/).at(-1)})` };
  });
}
