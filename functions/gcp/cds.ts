import { http } from "@google-cloud/functions-framework";
import { openContext } from "../../shared/serverless/context.ts";
import { lazily } from "../../shared/serverless/lazily.ts";
import { createFunctionLog } from "../../shared/serverless/log.ts";
import { limitBodies } from "./bodies.ts";
import { googleCloud } from "./cloud.ts";
import { onServer, stopInOrder } from "./on-server.ts";
import { survive } from "./serve.ts";
import { connectionAge } from "./timeout.ts";
import { createWatchCds } from "./watch-cds.ts";

/** CDS as a function of Google Cloud: requests, and watches by WebSocket. */
const cds = lazily(() => createWatchCds(openContext(googleCloud(process.env)), connectionAge(process.env)));

http("cds", (req, res) => survive(req, res, () => cds().handle(req, res)));

onServer((server) => {
  limitBodies(server, 0);
  server.on("upgrade", (req, socket, head) => {
    // Node has taken its own listeners off the socket.
    const onError = (): void => void socket.destroy();
    socket.on("error", onError);
    void (async () => {
      try {
        await cds().upgrade(req, socket, head);
      } catch (err) {
        createFunctionLog("error").error("an upgrade could not be answered", { err });
        socket.end("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      }
    })();
  });
  stopInOrder(server, async () => cds().close());
});
