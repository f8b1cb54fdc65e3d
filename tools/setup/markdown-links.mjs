/** Relative links of Markdown texts: they lead to files of the repository. */

const code = /(^```[\s\S]*?^```|`[^`\n]*`)/m;
const link = /(\]\(|^\[[^\]\n]+\]:[ \t]+)([^)\s]+)/gm;
const absolute = /^(?:[a-z][a-z\d+.-]*:|#|\/\/)/i;

/** Returns a text with each relative link replaced; code is left alone. */
export function mapRelativeLinks(text, replace) {
  return text
    .split(code)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part.replaceAll(link, (whole, opening, target) =>
            absolute.test(target) ? whole : opening + replace(target),
          ),
    )
    .join('');
}

/** Returns the targets of the relative links in a text. */
export function relativeLinks(text) {
  const targets = [];
  mapRelativeLinks(text, (target) => {
    targets.push(target);
    return target;
  });
  return targets;
}
