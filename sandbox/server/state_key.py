"""The key under which the engine keeps the secrets of its states here, as it does in a real deployment.

A passphrase would cost more than what it keeps: a million rounds of hashing, 0.2 s of processor time, for the
stack at hand and again for each that its program reads
(https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/config/crypt.go).
"""

from sandbox.server.adjustments import SYMMETRIC

ACCOUNT = "123456789012"
"""Where whoever calls the sandbox without a role is: moto's own account."""
REGION = "us-east-1"
ALIAS = "alias/sandbox-state-secrets"
SECRETS_PROVIDER = f"awskms://{ALIAS}?region={REGION}"


def make() -> None:
    """Make the key. It is there as long as the sandbox is, and no resource of a stack."""
    from moto.kms.models import kms_backends

    kms = kms_backends[ACCOUNT][REGION]
    key = kms.create_key(
        policy=None,
        key_usage="ENCRYPT_DECRYPT",
        key_spec=SYMMETRIC,
        description="Secrets in the sandbox's states",
        tags=None,
    )
    kms.create_alias(key.id, ALIAS)
