"""What somebody needs of the backend, as a policy for their role: to read, or to deploy some environments."""

from collections.abc import Sequence
from typing import Literal

from components import iam
from components.environment import upstreams_of
from operations.state.backend import Backend

Access = Literal["read", "write"]

LAYOUT_FILE = ".pulumi/meta.yaml"
"""Says where the engine looks for states. Set-up writes it, and nobody else."""
PER_STACK = ("stacks/*/{0}.json*", "backups/*/{0}/*", "history/*/{0}/*", "locks/organization/*/{0}/*")
"""Objects of one stack, below `.pulumi/`: its state, copies of it, its past, and who is at it."""
RECORDS = ".promotion/{0}/*"
"""Records of promotions, beside the state: they are added to, and never deleted."""


def access_policy(backend: Backend, account_id: str, access: Access, environments: Sequence[str]) -> str:
    """The policy. Reading covers the states of the environments and of those below, whose outputs they read.

    Args:
        backend: the bucket and its keys.
        account_id: of the account that they are in.
        access: `read` for previews and drift, `write` for deployments.
        environments: whose stacks it previews, and with `write` changes. It opens the secrets of those below,
            too: the engine opens a stack's key as soon as a program reads the stack, secrets in it or none.
    """
    bucket = f"arn:aws:s3:::{backend.bucket}"
    keys = f"arn:aws:kms:{backend.region}:{account_id}:key/*"
    read = [
        each
        for each in backend.environments
        if any(each in (own, *upstreams_of(own, backend.environments)) for own in environments)
    ]
    opened, sealed, state_key = (
        # Keys have ids for names: the alias tells whose a key is.
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
        for aliases in (
            [backend.secrets_key(each) for each in read],
            [backend.secrets_key(each) for each in environments],
            backend.state_key,
        )
    )
    seen = [path for each in read for path in (*_states(bucket, each), _records(bucket, each))]
    statements = [
        iam.Statement(sid="ListStates", actions=["s3:ListBucket"], resources=[bucket]),
        iam.Statement(
            sid="ReadStates", actions=["s3:GetObject"], resources=[*seen, f"{bucket}/{LAYOUT_FILE}"]
        ),
        iam.Statement(sid="OpenStates", actions=["kms:Decrypt"], resources=[keys], conditions=state_key),
        iam.Statement(sid="OpenSecrets", actions=["kms:Decrypt"], resources=[keys], conditions=opened),
    ]
    if access == "write":
        statements += [
            iam.Statement(
                sid="WriteOwnStates",
                actions=["s3:DeleteObject", "s3:PutObject"],
                resources=[path for each in environments for path in _states(bucket, each)],
            ),
            iam.Statement(
                sid="AddToOwnRecords",
                actions=["s3:PutObject"],
                resources=[_records(bucket, each) for each in environments],
            ),
            iam.Statement(
                sid="SealStates", actions=["kms:GenerateDataKey"], resources=[keys], conditions=state_key
            ),
            iam.Statement(sid="SealSecrets", actions=["kms:Encrypt"], resources=[keys], conditions=sealed),
        ]
    return iam.document(*statements)


def _states(bucket: str, environment: str) -> list[str]:
    return [f"{bucket}/.pulumi/{part.format(environment)}" for part in PER_STACK]


def _records(bucket: str, environment: str) -> str:
    return f"{bucket}/{RECORDS.format(environment)}"
