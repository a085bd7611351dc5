import type { PassQueue } from "../queue/pass-queue.ts";
import type { Environment } from "../settings.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** What the functions need of the cloud that they run in. */
export interface Cloud {
  /** The environment, with the defaults of this cloud. */
  readonly env: Environment;
  /**
   * The newest version of a secret. @param id as the environment names it
   * @throws {CloudError}
   */
  readSecret(id: string): Promise<string>;
  /** The store at STUNNER_STORE. @throws {InvalidStoreUrl} it is none that all instances share */
  openStore(url: string): ObjectStore;
  /** Where passes are asked for. @throws {InvalidQueue} */
  openQueue(): PassQueue;
}
