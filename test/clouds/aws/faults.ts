import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** `AmazonSQS.SendMessage`; empty for S3. */
  readonly target: string;
}

/** What is answered in place of AWS; "cut": the connection ends. */
export type Fault = { readonly status: number; readonly body: string } | "cut";

/** A proxy in front of AWS's stand-in, for what it never does itself. */
export interface FaultyCloud {
  readonly origin: string;
  /** What IAM refused so far, in its words. */
  readonly refusals: string[];
  spoil(decide: (asked: Asked) => Fault | undefined): void;
  heal(): void;
  close(): Promise<void>;
}

/** Both protocols have it in the body: of JSON, of XML. */
const REFUSAL = /User: \S+ is not authorized to perform: [^<}]+?(?=["<}])/;

const letThrough = (): undefined => undefined;

export async function startFaultyCloud(origin: string): Promise<FaultyCloud> {
  const { hostname, port } = new URL(origin);
  let decide: (asked: Asked) => Fault | undefined = letThrough;
  const refusals: string[] = [];
  const server = createServer(async (req, res) => {
    const { method = "GET", url: path = "/", headers } = req;
    const body = await buffer(req);
    const fault = decide({ method, path, target: String(headers["x-amz-target"] ?? "") });
    if (fault === "cut") return void req.socket.destroy();
    if (fault) return void res.writeHead(fault.status).end(fault.body);
    const inner = request({ hostname, port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      const said: Buffer[] = [];
      if ((answer.statusCode ?? 0) >= 400) {
        answer.on("data", (part: Buffer) => said.push(part));
        answer.on("end", () => refusals.push(...(REFUSAL.exec(Buffer.concat(said).toString()) ?? [])));
      }
      answer.pipe(res);
    });
    inner.on("error", () => req.socket.destroy());
    inner.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusals,
    spoil: (next) => void (decide = next),
    heal: () => void (decide = letThrough),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
