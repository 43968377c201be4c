"""Checks of an account, asked of AWS with read calls alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.doctor.finding import Finding, failed, not_checked, passed

LEDGER_EVENTS = "AWS::DynamoDB::Table"
AWS_MADE = ("AWS", "aws-", "OrganizationAccountAccessRole")
"""How the names of what AWS itself puts into an account begin."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as the doctor sees it: `client` makes clients of a service, in the environment's region."""

    environment: str
    suffix: str
    account_id: str
    client: Callable[[str], Any]
    administrator_role: str = ""

    @property
    def ending(self) -> str:
        """How every name of the project in this environment ends."""
        return f"-{self.environment}-{self.suffix}"


def check_account(account: Account) -> tuple[Finding, ...]:
    """Run every check; a refused call is a finding of its own."""
    return tuple(_asked(name, check, account) for name, check in CHECKS.items())


def _asked(name: str, check: Callable[[Account], Finding], account: Account) -> Finding:
    try:
        return check(account)
    except (ClientError, BotoCoreError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        return not_checked(name, reason, "Run it with credentials that may read this; an auditor's role may.")


def identity(account: Account) -> Finding:
    """The caller's credentials belong to the environment's account."""
    caller = account.client("sts").get_caller_identity()
    if caller["Account"] == account.account_id:
        return passed("account", f"{caller['Arn']} is in {account.account_id}")
    return failed(
        "account",
        f"{caller['Arn']} is in {caller['Account']}, {account.environment} in {account.account_id}",
        "Use credentials of the environment's account, or correct accountId in the stack files.",
    )


def trail(account: Account) -> Finding:
    """A trail records the management events of every region, and is logging."""
    found = [each for each in _trails(account) if each.get("IsMultiRegionTrail")]
    if not found:
        return failed(
            "trail",
            "no trail records all regions: nobody would see what happens, and event rules see nothing",
            "Make an organisation trail in the management account: "
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
        )
    kinds = "organisation trail" if any(each.get("IsOrganizationTrail") for each in found) else "trail"
    if kinds == "trail":
        return failed(
            "trail",
            f"{found[0]['Name']} belongs to this account: its administrators can stop it",
            "Make an organisation trail, which accounts can't change.",
        )
    return passed("trail", f"{kinds} {found[0]['Name']} is logging")


def data_events(account: Account) -> Finding:
    """A trail records who reads and writes items of tables."""
    client = account.client("cloudtrail")
    for each in _trails(account):
        selectors = client.get_event_selectors(TrailName=each.get("TrailARN") or each["Name"])
        if LEDGER_EVENTS in set(_recorded_types(selectors)):
            return passed("data-events", f"{each['Name']} records calls on items of tables")
    return failed(
        "data-events",
        "no trail records calls on items: who read payments could not be found out",
        f"Add data events of {LEDGER_EVENTS} to the organisation trail.",
    )


def access_analyzer(account: Account) -> Finding:
    """IAM Access Analyzer looks for resources that others may reach."""
    found = account.client("accessanalyzer").list_analyzers()["analyzers"]
    active = [each["name"] for each in found if each["status"] == "ACTIVE"]
    if active:
        return passed("access-analyzer", f"{active[0]} is active")
    return failed(
        "access-analyzer",
        "no analyzer is active in this region",
        "aws accessanalyzer create-analyzer --analyzer-name account --type ACCOUNT",
    )


def nothing_else(account: Account) -> Finding:
    """The account holds nothing but this environment: permissions by tag or name could reach the rest."""
    foreign = sorted(_foreign(account))
    if not foreign:
        return passed(
            "nothing-else", "every role, function, table, queue, topic and network is this environment's"
        )
    shown = ", ".join(foreign[:5]) + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")
    return failed(
        "nothing-else",
        f"the account also holds {shown}",
        "Give the environment an account of its own, or move these out.",
    )


def watch(account: Account) -> Finding:
    """The event rules of bootstrap-iam are on, and somebody has confirmed to hear of them."""
    name = f"security-calls-rule{account.ending}"
    rules = account.client("events").list_rules(NamePrefix=name)["Rules"]
    if not any(each["Name"] == name and each["State"].startswith("ENABLED") for each in rules):
        return failed(
            "watch",
            f"there is no rule {name} that is on: nobody hears of dangerous calls",
            f"Set bootstrap-iam:securityEmails in Pulumi.{account.environment}.yaml, deploy bootstrap-iam.",
        )
    topic = f":security-topic{account.ending}"
    subscribed = [
        each
        for page in account.client("sns").get_paginator("list_subscriptions").paginate()
        for each in page["Subscriptions"]
        if each["TopicArn"].endswith(topic)
    ]
    waiting = [each["Endpoint"] for each in subscribed if not each["SubscriptionArn"].startswith("arn:")]
    if waiting or not subscribed:
        who = ", ".join(waiting) or "nobody"
        return failed("watch", f"not confirmed: {who}", "Follow the link in the e-mail, within 48 hours.")
    return passed("watch", f"{name} is on, {len(subscribed)} addresses are confirmed")


CHECKS: Mapping[str, Callable[[Account], Finding]] = {
    "account": identity,
    "trail": trail,
    "data-events": data_events,
    "access-analyzer": access_analyzer,
    "nothing-else": nothing_else,
    "watch": watch,
}
"""Name to check, in the order in which they are shown."""


def _trails(account: Account) -> Iterator[Mapping[str, Any]]:
    client = account.client("cloudtrail")
    for each in client.describe_trails(includeShadowTrails=True)["trailList"]:
        if client.get_trail_status(Name=each.get("TrailARN") or each["Name"])["IsLogging"]:
            yield each


def _recorded_types(selectors: Mapping[str, Any]) -> Iterator[str]:
    for selector in selectors.get("EventSelectors") or ():
        yield from (resource["Type"] for resource in selector.get("DataResources") or ())
    for selector in selectors.get("AdvancedEventSelectors") or ():
        for part in selector["FieldSelectors"]:
            if part["Field"] == "resources.type":
                yield from part.get("Equals") or ()


def _foreign(account: Account) -> Iterator[str]:
    for kind, names in _listings(account):
        for name in names:
            own = name.rpartition("/")[2].endswith(account.ending)
            if not own and not name.startswith(AWS_MADE) and name != account.administrator_role:
                yield f"{kind} {name}"


def _listings(account: Account) -> Iterator[tuple[str, Iterable[str]]]:
    def paged(service: str, operation: str, key: str) -> Iterator[Any]:
        for page in account.client(service).get_paginator(operation).paginate():
            yield from page.get(key) or ()

    yield (
        "role",
        [
            each["RoleName"]
            for each in paged("iam", "list_roles", "Roles")
            if not each["Path"].startswith(("/aws-service-role/", "/aws-reserved/"))
        ],
    )
    yield "user", [each["UserName"] for each in paged("iam", "list_users", "Users")]
    yield "function", [each["FunctionName"] for each in paged("lambda", "list_functions", "Functions")]
    yield "table", paged("dynamodb", "list_tables", "TableNames")
    yield "queue", paged("sqs", "list_queues", "QueueUrls")
    yield "topic", [each["TopicArn"].rpartition(":")[2] for each in paged("sns", "list_topics", "Topics")]
    yield "network", [_name(each) for each in paged("ec2", "describe_vpcs", "Vpcs") if not each["IsDefault"]]


def _name(resource: Mapping[str, Any]) -> str:
    tags: Sequence[Mapping[str, str]] = resource.get("Tags") or ()
    return next((tag["Value"] for tag in tags if tag["Key"] == "Name"), str(resource["VpcId"]))
