/** A value that survives `JSON.stringify` and `JSON.parse`; fields that are `undefined` are left out. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Plain JSON from which a factory of the same `type` rebuilds a modality or a part of one. */
export interface PluginConfig {
  /** Names the factory that reads the rest. */
  readonly type: string;
  readonly [key: string]: Json | undefined;
}

/** Files that belong to a {@link PluginConfig} (a tokenizer, weights): bytes by file name. */
export type Assets = Readonly<Record<string, Uint8Array>>;

/** Access to the files that were stored beside a {@link PluginConfig}. */
export interface AssetReader {
  /** Rejects with a message that names the file if there is none of this name. */
  read(name: string): Promise<Uint8Array>;
}
