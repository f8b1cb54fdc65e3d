/** Prompts of GenEval's skills about avatars; nothing in them has a number or a place, so there are four skills. */
import { parseGenevalPrompts, type GenevalPrompt } from '@transfusion/evaluators';
import { AVATAR_COLORS } from './avatar-set.js';

/** Parts that a face may lack. */
const PARTS = ['hat', 'glasses', 'long hair'];

/** Returns all prompts: three parts, their pairs, the colors of shirts and hats, and pairs of different ones. */
export function avatarPrompts(): readonly GenevalPrompt[] {
  const object = (name: string, color?: string): object => ({
    class: name,
    count: 1,
    ...(color !== undefined && { color }),
  });
  const lines = [
    ...PARTS.map((name) => ({ tag: 'single_object', include: [object(name)], prompt: name })),
    ...PARTS.map((name, i) => {
      const other = PARTS[(i + 1) % PARTS.length];
      return { tag: 'two_object', include: [object(name), object(other)], prompt: `${name}, ${other}` };
    }),
    ...['shirt', 'hat'].flatMap((name) =>
      AVATAR_COLORS.map((color) => ({
        tag: 'colors',
        include: [object(name, color)],
        prompt: `${color} ${name}`,
      })),
    ),
    ...AVATAR_COLORS.flatMap((shirt) =>
      AVATAR_COLORS.filter((hat) => hat !== shirt).map((hat) => ({
        tag: 'color_attr',
        include: [object('shirt', shirt), object('hat', hat)],
        prompt: `${shirt} shirt, ${hat} hat`,
      })),
    ),
  ];
  return parseGenevalPrompts(lines.map((line) => JSON.stringify(line)).join('\n'), 'avatarPrompts');
}
