import type { Published } from "../cds/publish.ts";
import type { RenderResult } from "../render/result.ts";
import type { StunnerdConfig } from "../resources/stunnerd-config.ts";
import { disrupted } from "./disruption.ts";
import type { Change } from "./report.ts";

/** What a publication changed, and whose calls that cuts (rule I50). A withdrawn configuration cuts none: stunnerd keeps it. */
export function configChanges(
  { changed, deleted }: Pick<Published, "changed" | "deleted">,
  before: ReadonlyMap<string, StunnerdConfig>,
  { configs }: Pick<RenderResult, "configs">,
): Change[] {
  const written = changed.map((id): Change => {
    const disrupts = disrupted(before.get(id), configs.get(id)?.config);
    const operation = before.has(id) ? "updated" : "created";
    return { operation, object: `config ${id}`, ...(disrupts.length > 0 && { disrupts }) };
  });
  return [...written, ...deleted.map((id): Change => ({ operation: "deleted", object: `config ${id}` }))];
}
