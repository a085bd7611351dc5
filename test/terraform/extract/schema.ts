/** The form of `terraform providers schema -json`, as far as it is needed. */

/** "string", ["list", "string"], ["object", { … }], "dynamic" (go-cty's JSON of types). */
export type CtyType = string | readonly [string, CtyType] | readonly ["object", Readonly<Record<string, CtyType>>];

export interface Attribute {
  readonly type: CtyType;
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
}

export type Nesting = "single" | "list" | "set" | "map";

export interface BlockType {
  readonly nesting_mode: Nesting;
  readonly min_items?: number;
  readonly max_items?: number;
  readonly block: Block;
}

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly block_types: Readonly<Record<string, BlockType>>;
}

export interface ProviderSchema {
  /** The package that it was taken from, with the checksum that npm has of it. */
  readonly from: string;
  readonly integrity: string;
  readonly version: string;
  readonly provider: Block;
  readonly resource_schemas: Readonly<Record<string, Block>>;
  readonly data_source_schemas: Readonly<Record<string, Block>>;
}
