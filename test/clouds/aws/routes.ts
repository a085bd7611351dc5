import { readFileSync } from "node:fs";

/** A route of the HTTP API and the function that it leads to. */
export interface Route {
  readonly method: string;
  /** With variables: `/c/{cluster}/ice`. */
  readonly path: string;
  readonly name: string;
}

/** API Gateway has no route for a request: it answers 404 itself. */
export class NoRoute extends Error {}

const CODE = readFileSync(new URL("../../../terraform/modules/aws/api.tf", import.meta.url), "utf8");

/** Those of terraform/modules/aws. */
export const ROUTES: readonly Route[] = [...CODE.matchAll(/^\s*"([A-Z]+) (\/\S*)"\s*= "(\w+)"$/gm)].map(([, method = "", path = "", name = ""]) => ({ method, path, name }));

/**
 * The route of a request. A variable is one whole segment, and a slash at the end makes another path (API Gateway, "Create
 * routes for HTTP APIs").
 * @param request method and path: `GET /c/prod/ice`
 * @throws {NoRoute}
 */
export function routeOf(request: string): Route {
  const found = ROUTES.find(({ method, path }) => new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(request));
  if (!found) throw new NoRoute(request);
  return found;
}
