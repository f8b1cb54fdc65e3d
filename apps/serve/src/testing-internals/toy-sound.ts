/** Sounds of 32 samples of 8 bits, each a token: a modality whose files are `audio/wav`. */
import type { DiscreteModality } from '@transfusion/modality';

/** Samples, 0 to 255. */
export type ToySound = Uint8Array;

const NUM_SAMPLES = 32;

/** The modality. */
export const toySound: DiscreteModality<'sound', ToySound> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'sound',
  vocabSize: 256,
  tokensPerValue: NUM_SAMPLES,
  accepts: (value): value is ToySound => value instanceof Uint8Array && value.length === NUM_SAMPLES,
  encode: (samples) => Int32Array.from(samples),
  decode: (ids) => Uint8Array.from(ids),
  media: {
    mediaType: 'audio/wav',
    extensions: ['.wav'],
    decode: async (bytes) => bytes.subarray(-NUM_SAMPLES),
    encode: async (samples) => Buffer.concat([wavHeader(samples.length), samples]),
  },
};

/** Returns the head of a WAV file with one channel of 8 bits, at 8 kHz. */
function wavHeader(numSamples: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + numSamples, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(numSamples, 40);
  return header;
}
