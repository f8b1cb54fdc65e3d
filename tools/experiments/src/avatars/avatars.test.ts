import { createRng } from '@transfusion/nn';
import { expect, it } from 'vitest';
import { avatarPrompts } from './avatar-prompts.js';
import { avatarDocuments, randomAvatars, renderAvatar } from './avatar-set.js';

it('renders what the attributes say, and the same face for a seed', async () => {
  const attributes = { shirt: 'red', hat: undefined, glasses: false, longHair: false } as const;
  const numDifferent = async (other: object): Promise<number> => {
    const [a, b] = await Promise.all([
      renderAvatar(attributes, 'a seed'),
      renderAvatar({ ...attributes, ...other }, 'a seed'),
    ]);
    expect(a.image).toMatchObject({ width: 16, height: 16 });
    return a.image.data.filter((value, i) => value !== b.image.data[i]).length;
  };
  expect(await numDifferent({})).toBe(0);
  for (const other of [{ shirt: 'blue' }, { hat: 'red' }, { glasses: true }, { longHair: true }]) {
    expect(await numDifferent(other)).toBeGreaterThan(10);
  }
});

it('describes faces, some of what they wear, in captions', async () => {
  const avatars = await randomAvatars('test', 20);
  const captions = await Promise.all(
    avatars.map(async ({ attributes }, i) => {
      const { segments } = await avatarDocuments(avatars, 'true').read(i, createRng(i));
      const caption = String(segments[0].value);
      expect(segments[1].value).toBe(avatars[i].image);
      if (caption.includes('shirt')) expect(caption).toContain(`${attributes.shirt} shirt`);
      if (caption.includes('hat')) expect(attributes.hat).toBeDefined();
      return caption;
    }),
  );
  expect(new Set(captions).size).toBeGreaterThan(10);
  expect(Math.max(...captions.map((caption) => caption.length))).toBeLessThanOrEqual(44);
});

it('has prompts of four skills', () => {
  const prompts = avatarPrompts();
  expect(new Set(prompts.map(({ tag }) => tag)).size).toBe(4);
  expect(prompts).toHaveLength(3 + 3 + 8 + 12);
  expect(prompts.map(({ prompt }) => prompt)).toContain('red shirt, blue hat');
});
