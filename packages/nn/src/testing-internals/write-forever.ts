/** A program that replaces a file repeatedly until it is killed: `write-forever.ts PATH`. */
import { writeSafetensors } from '../safetensors/write-safetensors.js';

const path = process.argv[2];
for (let round = 1; ; round++) {
  const data = new Float32Array(200_000).fill(round);
  const read = (): Float32Array => data;
  const tensor = { shape: [data.length], dtype: 'float32', read } as const;
  await writeSafetensors(path, { a: tensor, b: tensor }, { metadata: { round: String(round) } });
  if (round === 2) process.stdout.write('ready');
}
