"""Whose KMS key encrypts something: ours, AWS's own or somebody else's."""

from policies.arns import account
from policies.rule import RuleContext


def wrong_key(found: str | None, context: RuleContext) -> str:
    """What is wrong with a key, as a message goes on after "is"; empty where it is a key of the stack's
    account.

    A bare id or alias is looked up in the account by AWS.
    """
    if not found:
        return "not set"
    if "alias/aws/" in found:
        return f"{found}, a key of AWS's own"
    if account(found) not in {None, context.stack.account}:
        return f"{found}, a key of another account"
    return ""
