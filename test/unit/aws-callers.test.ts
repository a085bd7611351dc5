import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const directory = join(import.meta.dirname, "../../terraform/modules/aws");
const source = readdirSync(directory).filter((name) => name.endsWith(".tf")).map((name) => readFileSync(join(directory, name), "utf8")).join("\n");
/** `resource "TYPE" "NAME" { … }` */
const resources = [...source.matchAll(/^resource "(\w+)" "(\w+)" \{\n([\s\S]*?)\n\}/gm)].map(([, type = "", name = "", body = ""]) => ({ type, name, body }));
const valueIn = (body: string, field: string): string => new RegExp(String.raw`^ +${field} += "?(.*?)"?$`, "m").exec(body)?.[1] ?? "";

// Who may call a function of AWS is what its permissions and the roles of this module say, and nobody else.
describe("functions on AWS", () => {
  it("have no URL of their own, and are called by API Gateway and by the log of the control plane", () => {
    expect(resources.filter(({ type }) => type === "aws_lambda_function_url")).toEqual([]);
    const permissions = resources.filter(({ type }) => type === "aws_lambda_permission");
    expect(permissions.map(({ body }) => [valueIn(body, "principal"), valueIn(body, "function_name")])).toEqual([
      ["apigateway.amazonaws.com", "aws_lambda_function.this[each.key].function_name"],
      ["logs.amazonaws.com", 'aws_lambda_function.this["event"].function_name'],
    ]);
    for (const { body } of permissions) expect(valueIn(body, "source_arn")).not.toBe("");
  });

  it("have no route to reconcile and resync, which the queue and the schedule call by roles", () => {
    const routes = /^ {2}routes = merge\(\n([\s\S]*?)^ {2}\)/m.exec(source)?.[1] ?? "";
    expect(new Set([...routes.matchAll(/"(?:GET|POST|OPTIONS) \S+" += "(\w+)"/g)].map(([, name]) => name))).toEqual(new Set(["event", "cds", "credentials"]));
    expect([...source.matchAll(/"lambda:InvokeFunction"\], Resource = (.*?) \}/g)].map(([, to]) => to)).toEqual(["[local.function_arns.resync]"]);
    expect(resources.filter(({ type }) => type === "aws_lambda_event_source_mapping").map(({ body }) => valueIn(body, "function_name"))).toEqual(
      expect.arrayContaining([expect.stringContaining('aws_lambda_function.this["reconcile"]')]),
    );
  });
});
