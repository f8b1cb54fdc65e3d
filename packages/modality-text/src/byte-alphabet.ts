/**
 * GPT-2's mapping of bytes to printable characters, needed because byte-level tokens are not always valid UTF-8, but
 * files are JSON: printable Latin-1 bytes map to themselves, the others to the characters from U+0100.
 */

function isPrintable(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte);
const unprintable = bytes.filter((byte) => !isPrintable(byte));

/** The character of each byte. */
export const BYTE_TO_CHARACTER: readonly string[] = bytes.map((byte) =>
  String.fromCharCode(isPrintable(byte) ? byte : 256 + unprintable.indexOf(byte)),
);

const characterToByte = new Map(BYTE_TO_CHARACTER.map((character, byte) => [character, byte]));

/** Returns the byte of a character; undefined if it is not in the alphabet. */
export function byteOfCharacter(character: string): number | undefined {
  return characterToByte.get(character);
}
