"""Makes a role's policies exactly those that the program attaches.

A policy that somebody puts on the role by hand shows as drift after a refresh, whatever the state was before,
and `pulumi up --refresh` takes it away again.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


def exclusive_policies(
    resource_type: str,
    role: aws.iam.Role,
    attachments: Sequence[aws.iam.RolePolicyAttachment],
    opts: pulumi.ResourceOptions | None = None,
) -> None:
    """Own all policies of a role: no inline policies, and no managed ones but those attached.

    Args:
        resource_type: the role's logical name, from which the names of the two resources are made.
        role: the role.
        attachments: everything that the program attaches to it.
        opts: the options of both resources.
    """
    aws.iam.RolePoliciesExclusive(
        f"{resource_type}-inline-policies", role_name=role.name, policy_names=[], opts=opts
    )
    aws.iam.RolePolicyAttachmentsExclusive(
        f"{resource_type}-attached-policies",
        role_name=role.name,
        policy_arns=[attachment.policy_arn for attachment in attachments],
        opts=opts,
    )
