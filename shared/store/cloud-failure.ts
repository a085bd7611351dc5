import { CloudError } from "../cloud/errors.ts";
import { StoreUnavailable } from "./errors.ts";

/** Passes a result on; what a cloud refuses is a failure of the store. @throws {StoreUnavailable} */
export async function asStoreFailure<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof CloudError) throw new StoreUnavailable(error.message, { retryable: error.retryable, cause: error });
    throw error;
  }
}
