import type { Attribute, Block, BlockType, CtyType } from "./schema.ts";
import { UnknownForm } from "./read-class.ts";

const SCALARS: ReadonlyMap<string, CtyType> = new Map([["string", "string"], ["number", "number"], ["boolean", "bool"]]);

/**
 * The configuration of a provider itself. Its class has no marks, so that the types come from what it writes as HCL.
 * @param source of the package's `src/provider/index.ts`
 * @throws {UnknownForm}
 */
export function readProvider(source: string): Block {
  const config = /^export interface (\w+ProviderConfig) /m.exec(source)?.[1];
  const at = source.indexOf("synthesizeHclAttributes()");
  if (config === undefined || at === -1) throw new UnknownForm("provider");
  return readHcl(source, source.slice(at), config);
}

function readHcl(source: string, text: string, config: string): Block {
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, BlockType> = {};
  const members = text.slice(0, text.indexOf("\n    };") === -1 ? text.indexOf("\n  };") : text.indexOf("\n    };"));
  for (const [, name = "", isBlock, type = "", storage = ""] of members.matchAll(
    /^ +(\w+): \{\n.*\n +isBlock: (true|false),\n +type: "(\w+)",\n +storageClassType: "(\w+)",$/gm,
  )) {
    const isRequired = requiredIn(source, config, name);
    if (isBlock === "true") {
      const struct = storage.replace(/List$/, "");
      const lower = `${struct.slice(0, 1).toLowerCase()}${struct.slice(1)}`;
      const start = source.indexOf(`function ${lower}ToHclTerraform(`);
      if (start === -1) throw new UnknownForm(`${config}.${name}: ${storage}`);
      const block = readHcl(source, source.slice(start, source.indexOf("\n}\n", start)), struct);
      blocks[name] = { nesting_mode: type === "set" ? "set" : "list", ...(isRequired ? { min_items: 1 } : {}), block };
    } else {
      attributes[name] = { type: typeOf(type, storage, `${config}.${name}`), ...(isRequired ? { required: true } : { optional: true }) };
    }
  }
  return { attributes, block_types: blocks };
}

function typeOf(type: string, storage: string, where: string): CtyType {
  const element = SCALARS.get(storage.replace(/(?:List|Map)$/, ""));
  if (element === undefined) throw new UnknownForm(`${where}: ${type} of ${storage}`);
  return type === "simple" ? element : [type, element];
}

/** Interfaces use camel case. */
function requiredIn(source: string, config: string, name: string): boolean {
  const start = source.indexOf(`export interface ${config} `);
  const body = source.slice(start, source.indexOf("\n}\n", start));
  const camel = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`readonly ${camel}: `).test(body);
}
