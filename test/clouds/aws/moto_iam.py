"""moto's server, with IAM enforced from the first request. Usage: moto_iam.py ROOT-ACCESS-KEY [moto_server's arguments].

Who signs with the root access key may do everything. moto itself decides about all others, by the policies of their roles.
What it leaves out is added here, from AWS's documentation:
- the resource of calls of Secrets Manager (moto 5.2 asks for "*", which no statement with an ARN fits);
- GetObject of what is not there is refused without s3:ListBucket (S3 API, GetObject, "Permissions");
- If-Match on writes and deletes needs s3:GetObject (S3 User Guide, "Conditional deletes" and "Conditional writes");
- refusals name who, action and resource, in the form of the service's protocol (IAM User Guide, "Troubleshoot access denied").
Keys of KMS and their policies are enforced nowhere in moto.
"""

import sys

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.iam.access_control import IAMRequestBase, S3IAMRequest
from moto.s3.exceptions import S3AccessDeniedError
from moto.s3.responses import S3Response
from moto.secretsmanager.responses import SecretsManagerResponse
from moto.server import main

settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
root = sys.argv.pop(1)
authorize = ActionAuthenticatorMixin._authenticate_and_authorize_action
check = IAMRequestBase.check_action_permitted


def authorize_all_but_root(self, iam_request_cls, resource="*"):
    if f"Credential={root}/" not in self.headers.get("Authorization", ""):
        authorize(self, iam_request_cls, resource)


def check_and_name(self, resource):
    try:
        check(self, resource)
    except (AccessDeniedError, S3AccessDeniedError) as refusal:
        words = (
            f"User: {self._access_key.arn} is not authorized to perform: {self._action} on resource: {resource} "
            f"because no identity-based policy allows the {self._action} action"
        )
        if not isinstance(self, S3IAMRequest):
            raise JsonRESTError("AccessDeniedException", words) from refusal
        refusal.message = words
        raise


def authorize_s3(self, bucket_name=None, key_name=None):
    def need(action, key):
        self.data["Action"] = action
        ActionAuthenticatorMixin._authenticate_and_authorize_s3_action(self, bucket_name, key)

    asked = self.data["Action"]
    need(asked, key_name)
    if asked in ("PutObject", "DeleteObject") and "If-Match" in self.headers:
        need("GetObject", key_name)
    if asked == "GetObject" and self.backend.get_object(bucket_name, key_name) is None:
        need("ListBucket", None)
    self.data["Action"] = asked


def resource_of_secret(self):
    asked = self._get_param("SecretId") or "*"
    return asked if asked.startswith("arn:") else next((one.arn for one in self.backend.secrets.values() if one.name == asked), "*")


ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize_all_but_root
IAMRequestBase.check_action_permitted = check_and_name
S3Response._authenticate_and_authorize_s3_action = authorize_s3
SecretsManagerResponse._determine_resource = resource_of_secret

main()
