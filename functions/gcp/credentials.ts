import { createCredentialsHandler } from "../../shared/serverless/handle-credentials.ts";
import { serveHttp } from "./serve.ts";

/** The STUNner auth service as a function of Google Cloud. */
serveHttp("credentials", createCredentialsHandler);
