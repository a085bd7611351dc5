import { Command } from "commander";
import { readFile } from "node:fs/promises";
import { CDS_PORT } from "../../shared/resources/constants.ts";
import { isLoopback, originOf, parseListenAddress } from "../../shared/settings/address.ts";
import { clusterName } from "../../shared/settings/readers.ts";
import { TokenUnreadable } from "./cds-proxy/fault.ts";
import { prefixOf, type Remote } from "./cds-proxy/remote.ts";
import { createCdsProxy } from "./cds-proxy/server.ts";
import { CommandFailure } from "./fail.ts";
import { readNamed } from "./follow-files.ts";
import { listen } from "./http.ts";
import { createLog } from "./log.ts";

interface Given {
  readonly cluster?: string;
  readonly ca?: string;
  readonly tokenFile?: string;
  readonly listen: string;
  readonly insecure?: true;
}

/** Runs until it is stopped; open watches are cut then, and their clients come back. */
export function cdsProxyCommand(): Command {
  return new Command("cds-proxy")
    .description("stand in, on loopback, for a config discovery server behind TLS, so that stunnerctl, turncat and the upstream auth service can use it")
    .argument("<url>", "https://host[:port][/prefix] of the server")
    .option("--cluster <NAME>", "ask for the configurations of this cluster: adds /c/NAME to the URL")
    .option("--ca <FILE>", "PEM of the authority that signed the server's certificate; default: those of the system")
    .option("--token-file <FILE>", "what opens the server, read at every request; default: STUNNER_CDS_TOKEN")
    .option("--listen <HOST:PORT>", "where clients connect; any but a loopback address needs --insecure", `:${CDS_PORT}`)
    .option("--insecure", "let whoever can connect have what the token opens, and send it without TLS where the URL says so")
    .action(async (url: string, given: Given) => {
      const address = parseListenAddress(given.listen);
      if (!address) throw new CommandFailure("--listen: give host:port, [ipv6]:port or :port, which means loopback");
      const isPrivate = isLoopback(address.host);
      if (!isPrivate && !given.insecure) throw new CommandFailure(`--listen=${given.listen}: whoever can connect would get all passwords: give a loopback address, or --insecure as well`);
      const remote = await remoteOf(url, given);
      const log = createLog({ logLevel: "info", logFormat: "auto" });
      const server = createCdsProxy({ remote, isPrivate, onFault: ({ status, message }) => log.warn({ status }, message) });
      const port = await listen(server, address, "--listen");
      // As the first process of a container it would not end otherwise.
      for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
      log.info(`${originOf({ host: address.host, port })} stands for ${remote.url.origin}${prefixOf(remote.url)}`);
    });
}

/** @throws {CommandFailure} naming what is wrong */
async function remoteOf(text: string, { cluster, ca, tokenFile, insecure }: Given): Promise<Remote> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || /[?#]/.test(text)) {
    // It may hold a password: it is not repeated.
    throw new CommandFailure("the URL: accepted is https://host[:port][/prefix]; the token has a setting of its own");
  }
  const isPlain = url.protocol === "http:" && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, "$1"));
  if (isPlain && !insecure) throw new CommandFailure("the URL: without TLS everybody on the way sees token and passwords: give https://, or --insecure as well");
  if (cluster !== undefined && !clusterName.safeParse(cluster).success) throw new CommandFailure("--cluster: give letters, digits, - and _, at most 63");
  if (cluster !== undefined) url.pathname = `${prefixOf(url)}/c/${cluster}`;
  const token = tokenFile === undefined ? tokenOfEnvironment : tokenOfFile(tokenFile);
  return { url, token, ca: ca === undefined ? undefined : await readNamed(`--ca=${ca}`, ca) };
}

const VARIABLE = "STUNNER_CDS_TOKEN";

async function tokenOfEnvironment(): Promise<string | undefined> {
  const text = process.env[VARIABLE] ?? "";
  return text.trim() === "" ? undefined : usable(text, VARIABLE);
}

function tokenOfFile(path: string): () => Promise<string> {
  return async () => {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      throw new TokenUnreadable(path, error);
    });
    return usable(text, path);
  };
}

/** Anything but one word would be another header, or none that a server can read. */
function usable(text: string, source: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TokenUnreadable(source, "it holds no token in one line");
  return token;
}
