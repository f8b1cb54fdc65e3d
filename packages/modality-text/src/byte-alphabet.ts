/**
 * GPT-2's way to write bytes as characters (byte-level BPE files are JSON, and tokens are not always valid
 * UTF-8): a byte that prints in Latin-1 stands for itself, the others take the characters from U+0100 on.
 */

function prints(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte);
const unprinted = bytes.filter((byte) => !prints(byte));

/** The character for each byte. */
export const BYTE_TO_CHARACTER: readonly string[] = bytes.map((byte) =>
  String.fromCharCode(prints(byte) ? byte : 256 + unprinted.indexOf(byte)),
);

const characterToByte = new Map(BYTE_TO_CHARACTER.map((character, byte) => [character, byte]));

/** Returns the byte of a character; undefined if it is not in the alphabet. */
export function byteOfCharacter(character: string): number | undefined {
  return characterToByte.get(character);
}
