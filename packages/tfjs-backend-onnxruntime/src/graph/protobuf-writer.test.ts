import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from './protobuf-writer.js';

const hex = (writer: ProtobufWriter): string => Buffer.from(writer.finish()).toString('hex');

describe('the protocol-buffers wire format', () => {
  it('has varints', () => {
    expect(hex(new ProtobufWriter().int(1, 0))).toBe('0800');
    expect(hex(new ProtobufWriter().int(1, 150))).toBe('089601');
    expect(hex(new ProtobufWriter().int(16, 1))).toBe('800101');
    expect(hex(new ProtobufWriter().int(1, -1))).toBe('08ffffffffffffffffff01');
    expect(hex(new ProtobufWriter().int(1, 2n ** 62n))).toBe('08808080808080808040');
  });

  it('has floats, strings and bytes', () => {
    expect(hex(new ProtobufWriter().float(2, 1.5))).toBe('150000c03f');
    expect(hex(new ProtobufWriter().string(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(new ProtobufWriter().string(1, 'ß'))).toBe('0a02c39f');
    expect(hex(new ProtobufWriter().bytes(3, Uint8Array.of(1, 2)))).toBe('1a020102');
    expect(hex(new ProtobufWriter().bytes(3, new Uint8Array(0)))).toBe('1a00');
  });

  it('has packed integers and nested messages', () => {
    expect(hex(new ProtobufWriter().packedInts(4, [3, 270, 86_942]))).toBe('2206038e029ea705');
    expect(hex(new ProtobufWriter().message(3, new ProtobufWriter().int(1, 150)))).toBe('1a03089601');
    expect(hex(new ProtobufWriter().int(1, 1).message(2, new ProtobufWriter()).int(3, 2))).toBe(
      '080112001802',
    );
  });

  it('holds messages of very many parts', () => {
    const inner = new ProtobufWriter();
    for (let i = 0; i < 200_000; i++) inner.bytes(1, Uint8Array.of(i));
    expect(new ProtobufWriter().message(1, inner).finish().length).toBe(600_000 + 4);
  });
});
