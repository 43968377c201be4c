"""The values of an organisation that the policy pack needs: regions of environments, and e-mail domains."""

import json
from collections.abc import Mapping
from typing import Any

from operations.organisation.model import Organisation

FILE = "policies/configuration.json"
REGIONS = ("placement-region", "regions")
DOMAINS = ("topic-email-domain", "allowedDomains")
"""Rule and setting of the pack's reviewed configuration."""


def domains(organisation: Organisation) -> list[str]:
    """Return the domains of all addresses, sorted."""
    addresses = [
        address
        for environment in organisation.environments.values()
        for address in [*environment.notification_emails, *environment.operator_emails]
    ]
    return sorted({address.rpartition("@")[2].lower() for address in addresses})


def updated(text: str, wanted: Organisation, recorded: Organisation) -> str:
    """Return the pack's configuration with the organisation's regions and domains.

    A domain that a review added beside those of `recorded`, the organisation so far, stays. Text that holds
    these values already stays the same.
    """
    document: dict[str, Any] = json.loads(text)
    rules: dict[str, Any] = document.setdefault("rules", {})
    regions = {name: environment.region for name, environment in wanted.environments.items()}
    current = _setting(rules, DOMAINS) or []
    reviewed = [domain for domain in current if domain not in domains(recorded)]
    allowed = sorted({*domains(wanted), *reviewed})
    if _setting(rules, REGIONS) == regions and sorted(current) == allowed:
        return text
    for (rule, setting), value in ((REGIONS, regions), (DOMAINS, allowed)):
        rules[rule] = {**_rule(rules, rule), setting: value}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _setting(rules: Mapping[str, Any], place: tuple[str, str]) -> Any:
    rule, setting = place
    return _rule(rules, rule).get(setting)


def _rule(rules: Mapping[str, Any], rule: str) -> Mapping[str, Any]:
    """A rule's entry; a level alone stands for an object with it."""
    entry = rules.get(rule, {})
    return {"enforcementLevel": entry} if isinstance(entry, str) else entry
