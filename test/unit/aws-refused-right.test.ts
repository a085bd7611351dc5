import { afterEach, describe, expect, it } from "vitest";
import { callAws } from "../../shared/aws/call.ts";
import { refusedRight } from "../../shared/aws/refused-right.ts";
import { type Peer, startPeer } from "../clouds/peer.ts";

const who = "User: arn:aws:sts::123456789012:assumed-role/stunner-event/session is not authorized to perform:";
const xml = (message: string): string => `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;

describe("refusedRight", () => {
  it.each([
    [`{"__type":"AccessDeniedException","Message":"${who} sqs:SendMessage on resource: arn:aws:sqs:x because no identity-based policy allows the sqs:SendMessage action"}`, "sqs:SendMessage"],
    [xml(`${who} s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action`), "s3:GetObject"],
    [xml(`${who} "s3:ListBucket" on resource`), "s3:ListBucket"],
    [`{"message":"${who} kms:Decrypt on the resource associated with this ciphertext"}`, "kms:Decrypt"],
  ])("names role and action of %s", (body, action) => {
    expect(refusedRight(Buffer.from(body))).toBe(`, the role stunner-event has no right to ${action}`);
  });

  it.each(["", xml("Access Denied"), '{"message":"User: arn:aws:iam::1:user/x is not authorized to perform: sqs:SendMessage"}', `${who} <script>`])("says nothing of %j", (body) => {
    expect(refusedRight(Buffer.from(body))).toBe("");
  });
});

describe("a call that is refused", () => {
  let peer: Peer | undefined;
  afterEach(async () => peer?.close());

  it("is not tried again, and holds no account number", async () => {
    peer = await startPeer(() => ({ status: 400, body: `{"__type":"AccessDeniedException","Message":"${who} sqs:SendMessage on resource: r"}` }));
    const credentials = { get: async () => ({ accessKeyId: "AKIATEST", secretAccessKey: "s" }), drop: () => undefined };
    const call = callAws({ doing: "send it", service: "sqs", url: peer.origin, target: "AmazonSQS.SendMessage", input: {} }, { region: "x", credentials });
    await expect(call).rejects.toMatchObject({
      code: "AccessDeniedException", retryable: false, message: "cannot send it: AccessDeniedException (HTTP 400), the role stunner-event has no right to sqs:SendMessage",
    });
    expect(peer.seen).toHaveLength(1);
  });
});
