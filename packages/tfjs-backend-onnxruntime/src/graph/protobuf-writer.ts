/**
 * Writes the parts of the protocol-buffers wire format that an ONNX model needs: varints, 32-bit
 * floats, length-delimited bytes and nested messages
 * (https://protobuf.dev/programming-guides/encoding/). Large byte arrays are kept as references
 * until {@link ProtobufWriter.finish}.
 */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private pending: number[] = [];
  private length = 0;

  /** Writes an unsigned or negative integer field (negative ones take ten bytes, as for int64). */
  int(field: number, value: number | bigint): this {
    this.tag(field, 0);
    this.varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.tag(field, 5);
    this.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.tag(field, 2);
    this.varint(BigInt(value.byteLength));
    this.flushPending();
    this.chunks.push(value);
    this.length += value.byteLength;
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Writes several integers in one length-delimited field. */
  packedInts(field: number, values: readonly number[]): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.varint(BigInt.asUintN(64, BigInt(value)));
    return this.message(field, packed);
  }

  message(field: number, value: ProtobufWriter): this {
    value.flushPending();
    this.tag(field, 2);
    this.varint(BigInt(value.length));
    this.flushPending();
    // Not push(...chunks): the graph of a large function has more chunks than a call can take arguments.
    for (const chunk of value.chunks) this.chunks.push(chunk);
    this.length += value.length;
    return this;
  }

  finish(): Uint8Array {
    this.flushPending();
    const result = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.chunks) {
      result.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return result;
  }

  private tag(field: number, wireType: number): void {
    this.varint(BigInt((field << 3) | wireType));
  }

  private varint(value: bigint): void {
    let rest = value;
    while (rest > 0x7fn) {
      this.pending.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.pending.push(Number(rest));
  }

  private push(bytes: Uint8Array): void {
    this.flushPending();
    this.chunks.push(bytes);
    this.length += bytes.byteLength;
  }

  private flushPending(): void {
    if (this.pending.length === 0) return;
    const bytes = Uint8Array.from(this.pending);
    this.pending = [];
    this.chunks.push(bytes);
    this.length += bytes.byteLength;
  }
}
