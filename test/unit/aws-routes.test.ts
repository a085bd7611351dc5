import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { expect, test } from "vitest";
import { toRequest } from "../../functions/aws/http.ts";
import { publish } from "../../shared/cds/publish.ts";
import { createCdsHandler } from "../../shared/serverless/handle-cds.ts";
import { createCredentialsHandler } from "../../shared/serverless/handle-credentials.ts";
import type { FunctionAnswer, FunctionRequest } from "../../shared/serverless/http.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { NoRoute, ROUTES, routeOf } from "../clouds/aws/routes.ts";
import { publication } from "../integration/publish-support.ts";
import { config } from "./credentials-support.ts";
import { operatorToken, testCloud } from "./serverless-support.ts";

async function open(): Promise<Record<string, (request: FunctionRequest) => Promise<FunctionAnswer>>> {
  const store = createMemoryStore();
  await publish(store, publication({}, { cluster: "c", configs: new Map([["ns/a", { config: config("ns/a"), uid: "u" }]]) }));
  const { context } = testCloud({ STUNNER_CORS_ORIGINS: "https://app.example.com" }, store);
  return { cds: createCdsHandler(context), credentials: createCredentialsHandler(context) };
}

/** As API Gateway brings a request to a function. */
function asked(method: string, path: string): FunctionRequest {
  const headers = { authorization: `Bearer ${operatorToken("c")}`, origin: "https://app.example.com", "access-control-request-method": "GET" };
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "" };
  return toRequest({ rawPath: path, rawQueryString: "service=turn", headers, isBase64Encoded: false, requestContext: { http, stage: "$default" } } as unknown as APIGatewayProxyEventV2);
}

test.each(ROUTES.filter(({ name }) => name !== "event"))("$method $path of terraform/modules/aws is answered by $name", async ({ method, path, name }) => {
  const handlers = await open();
  const there = path.replace("{cluster}", "c").replace("{namespace}", "ns").replace("{name}", "a");
  expect((await handlers[name]?.(asked(method, there)))?.status).toBe(method === "OPTIONS" ? 204 : 200);
});

test("every path of docs/credentials.md has a route, for browsers too", () => {
  const keys = ROUTES.filter(({ name }) => name === "credentials").map(({ method, path }) => `${method} ${path}`);
  const paths = ["/", "/ice", "/c/{cluster}", "/c/{cluster}/ice"];
  expect(keys.sort()).toEqual(["GET", "OPTIONS"].flatMap((method) => paths.map((path) => `${method} ${path}`)).sort());
});

test("the API that stands for API Gateway in test/clouds knows these routes, and no others", () => {
  const [name, cluster] = ["credentials", "/c/prod"];
  expect(routeOf(`GET ${cluster}`)).toMatchObject({ name, path: "/c/{cluster}" });
  expect(routeOf(`GET ${cluster}/ice`)).toMatchObject({ name, path: "/c/{cluster}/ice" });
  for (const request of [`GET ${cluster}/`, `HEAD ${cluster}`, "GET /c", "GET /v1/clusters/prod/events/token", "GET /c/a/b/ice"]) expect(() => routeOf(request)).toThrow(NoRoute);
});

test("no route ends in a slash but the first: HTTP APIs refuse to make it", () => {
  expect(ROUTES.filter(({ path }) => path !== "/" && path.endsWith("/"))).toEqual([]);
});
