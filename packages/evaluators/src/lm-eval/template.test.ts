import { expect, test } from 'vitest';
import { compileTemplate } from './template.js';

const fill = (source: string, document: object): string =>
  compileTemplate(source, 'task.yaml: field')(document as Record<string, unknown>, 'document 0');

const document = {
  name: "it's",
  choices: { text: ['x', 'y'], label: ['A', 'B'] },
  key: 'B',
  count: '3',
  none: null,
  rows: [{ word: 'a' }, { word: 'b' }],
};

test.each([
  ['{{name}}\n', "it's\n"],
  [' {{ name }} ', " it's "],
  ['{{choices.label.index(key)}}', '1'],
  ['{{choices["text"]}}', '["x", "y"]'],
  ['{{(count|int) - 1}}', '2'],
  ['{{name.upper()}}{{"!" if key == "B" else "?"}}', "IT'S!"],
  ['{% for row in rows %}{{row.word}}{{loop.index}} {% endfor %}', 'a1 b2 '],
  ['{% set first = rows[0].word %}{{first}}\nb', 'a\nb'],
  ['{{ other if other is defined else "no" }}{{ gone | default("d") }}', 'nod'],
  ['{{True}} {{key in choices.label}}', 'true true'],
])('fills in %o', (source, expected) => {
  expect(fill(source, document)).toBe(expected);
});

test.each([
  [
    '{{nam}}',
    "task.yaml: field: document 0 has no field 'nam', only name, choices, key, count, none, rows. Correct",
  ],
  ['{{choices.texts}}', "document 0 has no field 'choices.texts'"],
  ['{% for x in list %}{{x}}{% endfor %}', "document 0 has no field 'list'"],
  ['{{choices.label.index(name)}}', 'task.yaml: field: document 0: "it\'s" is not in the list.'],
  ['{{name', 'task.yaml: field: the template cannot be parsed: '],
])('refuses %o', (source, message) => {
  expect(() => fill(source, document)).toThrow(message);
});
