import type { FieldDifference } from "../../shared/apply/cluster.ts";
import type { Change } from "../../shared/reconcile/report.ts";
import type { OnePass } from "./one-pass.ts";
import { leafDifferences } from "./leaf-differences.ts";
import { fieldLine } from "./pass-text.ts";
import { isSecret } from "./secrecy.ts";

/** What a pass would change of one thing, field by field. */
export interface Planned extends Omit<Change, "fields"> {
  readonly fields: readonly FieldDifference[];
}

/** Of a pass of which nothing was kept. */
export function planOf({ report, differences, before, after }: Pick<OnePass, "report" | "differences" | "before" | "after">): Planned[] {
  return report.changes.map((change) => {
    const id = change.object.startsWith("config ") ? change.object.slice("config ".length) : undefined;
    const isNew = change.operation === "created" || change.operation === "deleted";
    const found = id === undefined ? (differences.get(change.object) ?? []) : configDifferences(before.get(id), after.get(id));
    return { ...change, fields: isNew ? [] : found.flatMap(leaves) };
  });
}

function configDifferences(before: unknown, after: unknown): FieldDifference[] {
  return leafDifferences(before, after, { isWhole: true });
}

/** Values that are objects are told by their parts, so that secrets among them can be left out. */
function leaves({ field, live, wanted, manager }: FieldDifference): FieldDifference[] {
  const parts = leafDifferences(live, wanted, { at: field });
  return parts.map((part) => ({ ...part, ...(manager === undefined ? {} : { manager }) }));
}

const FUTURE: Readonly<Record<Change["operation"], string>> = {
  created: "would be created",
  updated: "would be updated",
  deleted: "would be deleted",
  drifted: "has drifted and would be left so",
  failed: "could not be told",
};

/** `Service media/one would be updated, drift`, and one indented line per field. */
export function planLines({ operation, object, cause, reason, disrupts = [], fields }: Planned): string[] {
  const why = cause === undefined || cause === "change" ? "" : `, ${cause}`;
  const ends = disrupts.length > 0 ? `; ends the calls of ${disrupts.join(", ")}` : "";
  const told = fields.map((one) => `  ${fieldLine(one)}`);
  return [`${object} ${FUTURE[operation]}${why}${reason === undefined ? "" : `: ${reason}`}${ends}`, ...told];
}

/** As JSON: without the values of secrets. */
export function planJson({ fields, ...rest }: Planned): object {
  return {
    ...rest,
    fields: fields.map(({ field, live, wanted, manager }) => ({
      field,
      ...(isSecret(field) ? { hidden: true } : { live, wanted }),
      ...(manager === undefined ? {} : { manager }),
    })),
  };
}
