import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { FunctionAnswer, FunctionRequest } from "../../shared/serverless/http.ts";

/** A request as HTTP APIs (payload format 2.0) and function URLs bring it: names of headers are in lower case. */
export function toRequest({ rawPath, rawQueryString, headers, body = "", isBase64Encoded, requestContext: { http, stage } }: APIGatewayProxyEventV2): FunctionRequest {
  // A stage with a name stands in front of the path.
  const path = stage !== "$default" && rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath;
  return {
    method: http.method,
    url: rawQueryString ? `${path}?${rawQueryString}` : path,
    headers,
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
    address: http.sourceIp,
  };
}

export function toResult({ status, headers, body }: FunctionAnswer): APIGatewayProxyStructuredResultV2 {
  return { statusCode: status, headers, body, isBase64Encoded: false };
}
