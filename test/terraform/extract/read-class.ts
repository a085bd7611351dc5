import type { Attribute, Block, BlockType, CtyType, Nesting } from "./schema.ts";

/** What the generated TypeScript does not say in the form that is known here: better none than a wrong schema. */
export class UnknownForm extends Error {
  readonly code = "unknown-form";
  readonly retryable = false;
}

/** Every member is announced by a comment with its marks, in the provider's own names. */
const MEMBER = /^ {2}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$/gm;

const GETTERS: ReadonlyMap<string, CtyType> = new Map<string, CtyType>([
  ["getStringAttribute", "string"],
  ["getNumberAttribute", "number"],
  ["getBooleanAttribute", "bool"],
  ["getListAttribute", ["list", "string"]],
  ["getNumberListAttribute", ["list", "number"]],
  ["getStringMapAttribute", ["map", "string"]],
  ["getNumberMapAttribute", ["map", "number"]],
  ["getBooleanMapAttribute", ["map", "bool"]],
  ["getAnyMapAttribute", "dynamic"],
]);

/**
 * Reads the schema of one resource or data source out of the TypeScript that cdktf generated from the provider.
 * @param source of the package's `src/<name>/index.ts`
 * @param name of the class
 * @throws {UnknownForm}
 */
export function readClass(source: string, name: string): Block {
  const body = classBody(source, name);
  const found = [...body.matchAll(MEMBER)];
  const attributes: Record<string, Attribute> = {};
  const blocks: Record<string, BlockType> = {};
  found.forEach((match, index) => {
    const [, member = "", computed, optional, required] = match;
    const text = body.slice(match.index + match[0].length, found[index + 1]?.index);
    const marks = {
      ...(required === "true" ? { required: true as const } : {}),
      ...(optional === "true" ? { optional: true as const } : {}),
      ...(computed === "true" ? { computed: true as const } : {}),
    };
    const nested = new RegExp(`new (\\w+)\\(this, "${member}"(?:, (true|false))?\\)`).exec(text.slice(0, text.indexOf("\n  }") + 1));
    if (nested === null) {
      attributes[member] = { type: typeOf(text, `${name}.${member}`), ...marks };
      return;
    }
    const [, type = "", isSet] = nested;
    const { nesting, max } = nestingOf(source, type, isSet === "true");
    const block = readClass(source, type.replace(/(?:List|Map)$/, "OutputReference"));
    if (source.includes(`* ${member} block\n`)) {
      blocks[member] = { nesting_mode: nesting, ...(required === "true" && nesting !== "single" ? { min_items: 1 } : {}), ...(max ? { max_items: 1 } : {}), block };
    } else {
      attributes[member] = { type: nestedType(nesting, block), ...marks };
    }
  });
  return { attributes, block_types: blocks };
}

const ELEMENTS: ReadonlyMap<string, CtyType> = new Map<string, CtyType>([["String", "string"], ["Number", "number"], ["Boolean", "bool"]]);

function typeOf(text: string, where: string): CtyType {
  const [, element, isList] = /= new cdktf\.(String|Number|Boolean)Map(List)?\(this, /.exec(text) ?? [];
  const map: CtyType | undefined = element === undefined ? undefined : ["map", ELEMENTS.get(element) ?? "dynamic"];
  if (map !== undefined) return isList === undefined ? map : ["list", map];
  const [, toList, getter = ""] = /return (cdktf\.Fn\.tolist\()?this\.(get\w+)\(/.exec(text) ?? [];
  const type = GETTERS.get(getter);
  if (type === undefined) throw new UnknownForm(`${where}: ${text.slice(0, 200)}`);
  return toList === undefined ? type : ["set", getter === "getNumberListAttribute" ? "number" : "string"];
}

/** A list of at most one is seen as that one, with an index. */
function nestingOf(source: string, type: string, isSet: boolean): { nesting: Nesting; max: boolean } {
  if (type.endsWith("List")) return { nesting: isSet ? "set" : "list", max: false };
  if (type.endsWith("Map")) return { nesting: "map", max: false };
  const [, set, index] = /super\(terraformResource, terraformAttribute, (true|false)(, 0)?\)/.exec(classBody(source, type)) ?? [];
  if (set === undefined) throw new UnknownForm(type);
  if (index === undefined) return { nesting: "single", max: false };
  return { nesting: set === "true" ? "set" : "list", max: true };
}

/** These providers speak version 5 of the protocol, in which an attribute of attributes is an object. */
function nestedType(nesting: Nesting, { attributes, block_types }: Block): CtyType {
  const object: CtyType = ["object", {
    ...Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, type])),
    ...Object.fromEntries(Object.entries(block_types).map(([name, one]) => [name, nestedType(one.nesting_mode, one.block)])),
  }];
  return nesting === "single" ? object : [nesting, object];
}

function classBody(source: string, name: string): string {
  const start = source.search(new RegExp(`^export class ${name} `, "m"));
  if (start === -1) throw new UnknownForm(`class ${name}`);
  return source.slice(start, source.indexOf("\n}\n", start));
}
