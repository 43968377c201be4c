"""What somebody needs of the backend, as a policy for their role: to read, or to deploy some environments."""

from collections.abc import Sequence
from typing import Literal

from components import iam
from operations.state.backend import Backend

Access = Literal["read", "write"]

PER_STACK = ("stacks/*/{0}.json*", "backups/*/{0}/*", "history/*/{0}/*", "locks/organization/*/{0}/*")
"""Objects of one stack, below `.pulumi/`: its state, copies of it, its past, and who is at it."""
RECORDS = ".promotion/{0}/*"
"""Records of promotions, beside the state."""


def access_policy(backend: Backend, account_id: str, access: Access, environments: Sequence[str]) -> str:
    """The policy. Reading covers all states, since environments read those below.

    Args:
        backend: the bucket and its keys.
        account_id: of the account that they are in.
        access: `read` for previews and drift, `write` for deployments.
        environments: whose stacks it previews, and with `write` changes. It opens the secrets of those below,
            too: the engine opens a stack's key as soon as a program reads the stack, secrets in it or none.
    """
    bucket = f"arn:aws:s3:::{backend.bucket}"
    keys = f"arn:aws:kms:{backend.region}:{account_id}:key/*"
    read = backend.environments[: 1 + max(backend.environments.index(each) for each in environments)]
    opened, sealed, state_key = (
        # Keys have ids for names: the alias tells whose a key is.
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
        for aliases in (
            [backend.secrets_key(each) for each in read],
            [backend.secrets_key(each) for each in environments],
            backend.state_key,
        )
    )
    statements = [
        iam.Statement(sid="ListStates", actions=["s3:ListBucket"], resources=[bucket]),
        iam.Statement(sid="ReadStates", actions=["s3:GetObject"], resources=[f"{bucket}/*"]),
        iam.Statement(sid="OpenStates", actions=["kms:Decrypt"], resources=[keys], conditions=state_key),
        iam.Statement(sid="OpenSecrets", actions=["kms:Decrypt"], resources=[keys], conditions=opened),
    ]
    if access == "write":
        own = [
            f"{bucket}/{pattern}"
            for each in environments
            for pattern in (*(f".pulumi/{part.format(each)}" for part in PER_STACK), RECORDS.format(each))
        ]
        statements += [
            iam.Statement(
                sid="WriteOwnStates",
                actions=["s3:DeleteObject", "s3:PutObject"],
                # The engine writes which layout the bucket has, as it finds none.
                resources=[*own, f"{bucket}/.pulumi/meta.yaml"],
            ),
            iam.Statement(
                sid="SealStates", actions=["kms:GenerateDataKey"], resources=[keys], conditions=state_key
            ),
            iam.Statement(sid="SealSecrets", actions=["kms:Encrypt"], resources=[keys], conditions=sealed),
        ]
    return iam.document(*statements)
