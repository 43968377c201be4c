"""Grants of KMS keys: to AWS services for their own resources, or to anybody."""

from policies.documents import PolicyStatement


def for_aws_resources(statement: PolicyStatement) -> bool:
    """Return whether grants may only be made where an AWS service asks for one on its own resource."""
    return any(
        found.binds and found.values == ("true",) for found in statement.tests("kms:grantisforawsresource")
    )
