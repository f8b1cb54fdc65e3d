/** A value that survives a round trip through JSON; fields that are `undefined` are dropped. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Plain JSON from which a factory of the same `type` rebuilds a modality, or a part of one. */
export interface PluginConfig {
  /** Type of the factory that reads the other fields. */
  readonly type: string;
  readonly [key: string]: Json | undefined;
}

/** Files that belong to a {@link PluginConfig}, such as a tokenizer or weights: bytes by file name. */
export type Assets = Readonly<Record<string, Uint8Array>>;

/** Reads the files that were stored with a {@link PluginConfig}. */
export interface AssetReader {
  /** Reads a file; rejects with a message that names it if it is missing. */
  read(name: string): Promise<Uint8Array>;
}
