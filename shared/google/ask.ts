import * as z from "zod/mini";
import { type CloudAnswer, type CloudRequest, send, type SendOptions } from "../cloud/send.ts";
import { parseJson } from "../cloud/json.ts";
import type { GoogleTokenSource } from "./token.ts";

/**
 * Sends a request to an API of Google. A token that is refused is replaced once.
 * @param tokens undefined: none is sent
 * @throws {CloudError} no token can be had
 */
export async function askGoogle(request: CloudRequest, tokens: GoogleTokenSource | undefined, options: SendOptions = {}): Promise<CloudAnswer> {
  if (tokens === undefined) return send(async () => request, options);
  let used = "";
  let isReplaced = false;
  return send(
    async () => {
      used = await tokens.get();
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${used}` } };
    },
    {
      ...options,
      again(answer) {
        if (answer.status !== 401 || isReplaced) return false;
        tokens.drop(used);
        isReplaced = true;
        return true;
      },
    },
  );
}

const errorSchema = z.object({
  error: z.object({ status: z.optional(z.string()), errors: z.optional(z.array(z.object({ reason: z.string() }))) }),
});

/** Google's own word for what went wrong; `Http403` and the like where there is none. */
export function googleCode({ status, body }: CloudAnswer): string {
  if (status === 0) return "no answer";
  const read = errorSchema.safeParse(parseJson(body));
  const word = read.success ? (read.data.error.errors?.[0]?.reason ?? read.data.error.status) : undefined;
  return word !== undefined && /^\w{1,64}$/.test(word) ? word : `Http${status}`;
}
