"""Trust policies of the roles that people and pipelines assume."""

from collections.abc import Sequence

from components import iam


def named_principals(
    principals: Sequence[str], external_id: str, *, session_name: str = "", mfa: bool = False
) -> str:
    """Return the trust in named principals that give the external id.

    They may pass on who they are, as source identity and session tags, which CloudTrail shows with each call.

    Args:
        principals: ARNs of roles and users, in full.
        external_id: value that they name.
        session_name: pattern that the session's name must match; empty for any.
        mfa: whether they must have authenticated with a second factor.
    """
    equals = {"StringEquals": {"sts:ExternalId": external_id}}
    conditions: dict[str, dict[str, str]] = dict(equals)
    if session_name:
        conditions["StringLike"] = {"sts:RoleSessionName": session_name}
    if mfa:
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    return iam.document(
        iam.Statement(
            sid="NamedPrincipalsWithExternalId",
            actions=["sts:AssumeRole"],
            principals={"AWS": principals},
            conditions=conditions,
        ),
        # Both come with the same request as the assumption, and are decided with its condition keys.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
        iam.Statement(
            sid="WithTheirIdentity",
            actions=["sts:SetSourceIdentity", "sts:TagSession"],
            principals={"AWS": principals},
            conditions=equals,
        ),
    )
