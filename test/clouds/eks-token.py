"""The token of an EKS cluster as botocore makes it: one JSON object per line of standard input, one token per line of output."""

import base64
import datetime
import json
import sys
from unittest import mock

import botocore.auth
import botocore.credentials
import botocore.model
import botocore.session
import botocore.signers

# The signer holds no reference to it.
EVENTS = botocore.session.get_session().get_component("event_emitter")


def token(case):
    credentials = botocore.credentials.Credentials(case["accessKeyId"], case["secretAccessKey"], case.get("sessionToken"))
    signer = botocore.signers.RequestSigner(
        botocore.model.ServiceId("STS"), case["region"], "sts", "v4", credentials, EVENTS
    )
    host = f"sts.{case['region']}.amazonaws.com"
    request = {
        "method": "GET",
        "url": f"https://{host}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": case["cluster"]},
        "context": {},
    }
    at = datetime.datetime.fromtimestamp(case["now"] / 1000, datetime.timezone.utc).replace(tzinfo=None)
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *a, **k: at):
        url = signer.generate_presigned_url(request, region_name=case["region"], expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


for line in sys.stdin:
    print(token(json.loads(line)))
