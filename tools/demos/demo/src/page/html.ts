/** Text that is HTML already. Everything else is escaped when it is put into a template. */
export interface Html {
  readonly html: string;
}

type Content = string | number | Html | readonly Html[];

/** A template whose values are escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { html: strings.map((text, i) => text + (i < values.length ? render(values[i]) : '')).join('') };
}

function render(value: Content): string {
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return 'html' in value ? value.html : value.map((part) => part.html).join('');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
