import { isObject, sameJson, toJsonObject, type Json } from "../support/json.ts";
import type { DesiredObject } from "../../shared/render/result.ts";
import type { ClusterClient } from "./client.ts";
import { leavesOf, othersThan, valueAt, withValue, type Leaf, type LeafPath, type Schemas } from "./leaves.ts";
import type { Resource } from "./resource.ts";

/** One thing that another hand does to an object: another value, or none. */
export interface Edit extends Leaf {
  readonly value: Json | undefined;
}

/** Who does them, in managedFields. */
export const HAND = "hand";

export interface Edits {
  readonly edits: readonly Edit[];
  /** What the server insists on, or fills in again the same. What tells items of a list apart is not among them. */
  readonly untouched: readonly LeafPath[];
}

/**
 * An edit of every field of ours that the server lets another hand change; `deleted`: of every field, map, list and item
 * that it lets another hand take out.
 */
export async function editsOf(client: ClusterClient, schemas: Schemas, object: DesiredObject, how: "edited" | "deleted"): Promise<Edits> {
  const wanted = toJsonObject(object);
  const before = await client.read(object);
  const edits: Edit[] = [];
  const untouched: LeafPath[] = [];
  for (const leaf of leavesOf(schemas, object.kind, wanted)) {
    const { path, isWhole } = leaf;
    if (isKey(path) || (how === "edited" && !isWhole)) continue;
    const kept = valueAt(before, path);
    // What is empty is not kept by the server: there is nothing to take out.
    if (how === "deleted" && kept === undefined && isEmpty(valueAt(wanted, path))) continue;
    const value = kept ?? valueAt(wanted, path);
    const values = how === "deleted" ? [undefined] : othersThan(value).filter((other) => keepsKeys(path, other));
    let taken: Edit | undefined;
    for (const other of values) {
      const edit = { ...leaf, value: other };
      if (!taken && (await takes(client, before, [edit]))) taken = edit;
    }
    if (taken) edits.push(taken);
    else untouched.push(path);
  }
  return { edits, untouched };
}

/** As many of the edits as go together: none lies within another, and the server takes them at once. */
export async function togetherOf(client: ClusterClient, before: Resource, edits: readonly Edit[]): Promise<Edit[]> {
  const chosen: Edit[] = [];
  for (const edit of edits) {
    if (chosen.some(({ path }) => isWithin(path, edit.path) || isWithin(edit.path, path))) continue;
    if (await takes(client, before, [...chosen, edit])) chosen.push(edit);
  }
  return chosen;
}

/** The object with these edits, whether the server has it or not. */
export function withEdits(before: Resource, edits: readonly Edit[]): Resource {
  return edits.reduce<Json>((body, { path, value }) => withValue(body, path, value), before) as Resource;
}

async function takes(client: ClusterClient, before: Resource, edits: readonly Edit[]): Promise<boolean> {
  const path = `${await client.discovery.pathOf(before)}?dryRun=All`;
  const { body, status } = await client.request("PUT", path, withEdits(before, edits));
  return status < 300 && isObject(body) && edits.every((edit) => !sameJson(valueAt(body, edit.path), valueAt(before, edit.path)));
}

/** Whether a path leads into what the other leads to, or both to the same. */
function isWithin(inner: LeafPath, outer: LeafPath): boolean {
  return outer.every((step, at) => sameJson(step, inner[at] ?? null));
}

function isEmpty(value: Json | undefined): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

/** Fields that tell an item of a list from the others: to change one is to put another item in its place. */
function isKey(path: LeafPath): boolean {
  const [item, field] = path.slice(-2);
  return isObject(item) && typeof field === "string" && field in item;
}

/** Whether another value of an item leaves it the same item. */
function keepsKeys(path: LeafPath, value: Json): boolean {
  const item = path.at(-1);
  return !isObject(item) || (isObject(value) && Object.entries(item).every(([key, own]) => value[key] === own));
}
