/** Parses comma-separated values (RFC 4180): rows of fields, which may be quoted, and then hold commas and line breaks. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A quoted field or a plain one, and what ends it.
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^,\r\n]*))(,|\r?\n|\r|$)/y;
  let at = 0;
  while (at < text.length) {
    field.lastIndex = at;
    const [all, quoted, plain, end] = field.exec(text)!;
    at += all.length;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',' && at < text.length) continue;
    if (end === ',') row.push('');
    rows.push(row);
    row = [];
  }
  return rows.filter((fields) => fields.length > 1 || fields[0] !== '');
}
