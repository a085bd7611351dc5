import { Agent, type RequestOptions } from "node:https";

type Certificates = Pick<RequestOptions, "ca" | "cert" | "key">;

/**
 * Connections to one API server for one user, kept apart by the certificates that they were made with. Node would name
 * them by the text of all certificates, several times for each request: a twentieth of what a pass costs. These are counted.
 */
export class ApiServerAgent extends Agent {
  #latest: Certificates = {};
  #count = 0;

  /** The same for the same certificates as the last time; another one where they have been replaced. */
  override getName(options: RequestOptions = {}): string {
    const { ca, cert, key } = options;
    if (!isSame(ca, this.#latest.ca) || !isSame(cert, this.#latest.cert) || !isSame(key, this.#latest.key)) {
      this.#latest = { ca, cert, key };
      this.#count += 1;
    }
    return `${options.host ?? ""}:${options.port ?? ""}:${this.#count}`;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other));
}
