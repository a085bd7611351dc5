import { stringify } from "yaml";

/**
 * An object as YAML for people and programs: a string that some version of YAML takes for something else is quoted,
 * lines are not folded, and nothing refers to another place of the text.
 */
export function yamlText(object: object): string {
  return stringify(object, { schema: "yaml-1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
