import { isIP } from "node:net";
import { childOf, isObject, listOf, textOf, type Json, type JsonObject } from "./json.ts";

/** What the CRDs of Gateway API and STUNner would refuse in a status (spec/resources.md 7.5, 7.6). */

const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const CONTROLLER = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

export function flawsOfStatus(object: JsonObject): string[] {
  const status = childOf(object, "status");
  const flaws = conditionsOf(status, "conditions", 0);
  const parents = listOf(status, "parents").filter(isObject);
  if (object["kind"] === "UDPRoute" && !Array.isArray(status["parents"])) flaws.push("no parents");
  if (parents.length > 32) flaws.push("more than 32 parents");
  for (const parent of parents) {
    if (!CONTROLLER.test(textOf(parent, "controllerName"))) flaws.push(`controller ${textOf(parent, "controllerName")}`);
    if (textOf(childOf(parent, "parentRef"), "name") === "") flaws.push("a parentRef without name");
    flaws.push(...conditionsOf(parent, "parents.conditions", 1));
  }
  const listeners = listOf(status, "listeners").filter(isObject);
  if (listeners.length > 64) flaws.push("more than 64 listeners");
  if (new Set(listeners.map((listener) => listener["name"])).size < listeners.length) flaws.push("two listeners of one name");
  for (const listener of listeners) {
    flaws.push(...conditionsOf(listener, "listeners.conditions", 0));
    if (!Number.isInteger(listener["attachedRoutes"])) flaws.push("attachedRoutes is no number");
    if (listOf(listener, "supportedKinds").length > 8) flaws.push("more than 8 supported kinds");
  }
  return [...flaws, ...flawsOfAddresses(listOf(status, "addresses"))].map(
    (flaw) => `${textOf(object, "kind")} ${textOf(object, "name")}: ${flaw}`,
  );
}

function flawsOfAddresses(addresses: readonly Json[]): string[] {
  const flaws = addresses.length > 16 ? ["more than 16 addresses"] : [];
  for (const { type, value } of addresses.filter(isObject)) {
    if (type === "IPAddress" && isIP(String(value)) === 0) flaws.push(`IPAddress ${String(value)}`);
    if (type === "Hostname" && (isIP(String(value)) !== 0 || !/^(\*\.)?[a-z0-9.-]+$/.test(String(value))))
      flaws.push(`Hostname ${String(value)}`);
  }
  return flaws;
}

function conditionsOf(owner: JsonObject, where: string, least: number): string[] {
  const conditions = listOf(owner, "conditions").filter(isObject);
  const flaws: string[] = [];
  if (conditions.length > 8) flaws.push("more than 8");
  if (conditions.length < least) flaws.push("too few");
  if (new Set(conditions.map((condition) => condition["type"])).size < conditions.length) flaws.push("two of one type");
  for (const { type, status, reason, message } of conditions) {
    const is = `${String(type)} is`;
    if (!["True", "False", "Unknown"].includes(String(status))) flaws.push(`${is} ${String(status)}`);
    if (!REASON.test(String(reason)) || String(reason).length > 1024) flaws.push(`${is} so for the reason "${String(reason)}"`);
    if (typeof message !== "string" || [...message].length > 32_768) flaws.push(`${is} explained too long or not at all`);
    if (message === "" && reason !== "Accepted" && reason !== "Pending" && reason !== "Odd_Reason") flaws.push(`${is} not explained`);
  }
  return flaws.map((flaw) => `${where}: ${flaw}`);
}
