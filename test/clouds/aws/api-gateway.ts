import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Lambda } from "./lambda.ts";
import { NoRoute } from "./routes.ts";

/** An HTTP API in front of functions: TLS, payload format 2.0 (API Gateway, "Lambda proxy integrations for HTTP APIs"). */
export interface ApiGateway {
  /** `https://127.0.0.1:port` */
  readonly origin: string;
  close(): Promise<void>;
}

/** @param route the function of a request such as `GET /c/prod/ice`; it throws `NoRoute` where there is none */
export async function startApiGateway(tls: { readonly cert: Buffer; readonly key: Buffer }, route: (request: string) => Lambda): Promise<ApiGateway> {
  const server = createServer(tls, async (req, res) => {
    const [path = "", query = ""] = (req.url ?? "").split("?");
    const body = await buffer(req);
    const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    try {
      const { method = "GET" } = req;
      const answer = (await route(`${method} ${path}`).invoke(eventOf({ path, query, headers, method, body }))) as APIGatewayProxyStructuredResultV2;
      res.writeHead(answer.statusCode ?? 200, answer.headers as Record<string, string>);
      res.end(answer.statusCode === 304 ? undefined : Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8"));
    } catch (error) {
      const [status, message] = error instanceof NoRoute ? [404, "Not Found"] : [500, "Internal Server Error"];
      res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Asked {
  readonly path: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly method: string;
  readonly body: Buffer;
}

/** What a function is given of a request. */
export function eventOf({ path, query, headers, method, body }: Asked): APIGatewayProxyEventV2 {
  // Texts come as they are, everything else in base64.
  const isText = /json|text/.test(headers["content-type"] ?? "") && headers["content-encoding"] === undefined;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: {
      accountId: "123456789012", apiId: "api", domainName: "api.example.com", domainPrefix: "api", requestId: "id", routeKey: "$default", stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000", timeEpoch: Date.now(),
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: headers["user-agent"] ?? "" },
    },
    isBase64Encoded: !isText,
    ...(body.length > 0 ? { body: body.toString(isText ? "utf8" : "base64") } : {}),
  };
}
