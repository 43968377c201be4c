"""`docs/policies.md`, made from the rules, so that it can't say anything else than they do."""

from collections.abc import Iterable, Iterator, Sequence

from policies.compliance import (
    FRAMEWORKS,
    FSBP,
    REQUIREMENTS,
    Requirement,
    requirements_of,
    rules_of,
)
from policies.configuration import PackConfiguration
from policies.control_mapping import CONTROLS, Control
from policies.rule import AnyRule, ResourceRule, StackRule

INTRODUCTION = """\
# Policies

<!-- Made by `python -m policies docs`; the tests compare it. Change the rules instead. -->

`policies/` is the CrossGuard pack of this project. The engine runs it before each resource is touched:

```
pulumi preview --policy-pack policies
pulumi up      --policy-pack policies
```

and it can look at a stack without the engine, before an update or after it:

```
python -m policies list                                    # all rules (--json for machines)
python -m policies explain table-encryption                # one rule
pulumi stack export | python -m policies check --project-dir projects/payments --stack-export -
pulumi preview --json --show-sames | python -m policies check --preview -
python -m policies check … --format sarif                  # or json, junit, text
```

`check` exits with 0 when nothing blocks, 1 on violations, and 2 when something could not be checked: a failed
preview, a preview that leaves out unchanged resources (without `--show-sames` give `--stack-export` as well),
or a value that is not known yet.

`pulumi policy analyze --policy-pack policies` has no stack configuration to hand over: the rules that compare
with it are reported once as not evaluated.

## Use it elsewhere

`python -m policies package --output FOLDER` copies the pack into a folder that needs nothing else of this
repository. It holds the pack's locked requirements (`policies/requirements.txt`, with hashes) and a
`PulumiPolicy.yaml` whose virtual environment is inside the folder:

```
python -m policies package --output ../guardrails
cd ../guardrails && pulumi install                         # makes .venv from requirements.txt
pulumi preview --policy-pack ../guardrails                 # in any project
pulumi policy publish ORGANIZATION                         # in the folder; Pulumi Cloud only
```

The tests run the packaged folder in an environment of its own with `pulumi policy analyze`. `pulumi install`
needs Pulumi's own language host, and `pulumi policy publish` an account of Pulumi Cloud: neither is part of
the tests. The zone of trust and the settings are those of `configuration.json` in the folder: change them
there for another organisation.

## What a rule sees

A rule is data and a pure function from a resource's properties to messages (`policies/rule.py`). Rules about
expectations (names, tags, account, region, scaling) compare with what the *stack's own configuration*
declares, which the engine hands to the pack; a value that the stack doesn't declare is a violation, not a
pass. Rules about relations (`relation-…`) see the whole stack once it is known.

## What can't be known yet

In a preview an ARN or an id may be unknown. The rules that need it are named in one line of advice:

```
[advisory]  not-evaluated  7 rules on 5 resources wait for values that are known only during the update: …
```

Such a rule gets its answer twice more: during the update, before its resource is made (rules about relations:
at the update's end), and after it, when `scripts/deploy.py` checks the exported state with
`policies.check.check_export` and refuses to go on unless it is clean. So `pulumi up` alone is not enough
where such lines appear: check the export. In CI, fail on exit code 2 as on 1.

## What it can't see

- A function's subnets belong to another stack: that they are private is judged there, where every subnet is
  looked at (`relation-private-subnet`).
- The options `retainOnDelete` and `deletedWith` are not told to a pack; the check of an export sees them.
- A type that no rule judges is refused (`coverage-type`) until a line in `policies/rules/coverage.py` says
  why there is nothing to judge; a resource of another package than AWS's is refused (`coverage-package`).

## The zone of trust

`zone` in `policies/configuration.json` says what belongs to the system beside what a stack declares of
itself: `accounts`, `organizations`, OIDC `issuers` and `subjects`, `regions`, `endpointServices`,
`codeSources`. Every account, ARN and URL that a resource names is compared with it. A stack adds its own
account and region, the accounts in its settings `…Principals`, and the subjects in `githubSubject` and
`githubReaderSubjects`.

How far a pattern, a principal or a condition reaches is found by matching probes with IAM's semantics: names,
accounts and values that nobody chose for this system. A condition that such a probe satisfies does not count,
and the message says which probe.

## Enforcement and settings

`policies/configuration.json` holds the pack's own configuration: the enforcement level of each severity, and
per rule a level, settings and exceptions. `--policy-pack-config FILE` lays over it what stands under `rules`
there:

```json
{
  "function-tracing": "advisory",
  "topic-email-domain": {"allowedDomains": ["example.com"]},
  "alarm-actions": {
    "exceptions": [
      {
        "urn": "urn:pulumi:staging::payments::*aws:cloudwatch/metricAlarm:MetricAlarm::payments-errors-alarm",
        "reason": "Silenced during the load test of the new currency",
        "owner": "payments-team",
        "expires": "2027-01-31"
      }
    ]
  }
}
```

From there, the settings of rules without exceptions and those that decide whose a thing is can only be
tightened; the zone can't be changed at all.

An unknown rule, setting or level stops the run: a typo must not switch a guardrail off.

An exception turns a violation into a visible line until its last day. It names resources by a glob over URNs
with the type in full and at least three characters of the name on end, and needs a reason of ten characters,
an owner, and a day at most 366 days ahead. One that has expired counts no more and is pointed out; one that
nothing needs is reported. Rules marked **no exceptions** take none, and can't be lowered either.

`tag-required` can mend what it finds: with the level `remediate` it adds the missing tags.
"""


def render(rules: Sequence[AnyRule], configuration: PackConfiguration) -> str:
    """Return the whole document."""
    return "\n".join(_lines(rules, configuration)) + "\n"


def _lines(rules: Sequence[AnyRule], configuration: PackConfiguration) -> Iterator[str]:
    yield INTRODUCTION
    yield f"## Rules ({len(rules)})"
    yield ""
    yield from _table(
        ("Rule", "Severity", "Level", "What holds"),
        ((f"[{r.id}](#{r.id})", r.severity.value, configuration.level(r).value, r.title) for r in rules),
    )
    yield "### Rules that take no exceptions"
    yield ""
    yield ", ".join(f"`{rule.id}`" for rule in rules if not rule.exceptions_allowed) + "."
    yield ""
    for rule in rules:
        yield from _rule(rule, configuration)
    yield f"## Controls ({len(CONTROLS)})"
    yield ""
    yield "The controls that Checkov, cdk-nag, cfn_nag, Trivy and AWS's own standard apply to these services."
    yield ""
    yield from _table(
        ("Area", "Control", "Ids", "Rules, or why not"), (_control(found) for found in CONTROLS)
    )
    yield from _compliance(rules)
    yield "## Exceptions in force"
    yield ""
    if not configuration.exceptions:
        yield "None."
    for exception in configuration.exceptions:
        yield f"- `{exception.rule}` on `{exception.urn}`: {exception.note()}"


def _compliance(rules: Sequence[AnyRule]) -> Iterator[str]:
    yield "## Compliance"
    yield ""
    yield (
        "What each framework asks of these services, in our words, and which rules test a part of it. A rule "
        "that tests a part does not make the system compliant, and no assessor has reviewed the tables."
    )
    yield ""
    for framework, url in FRAMEWORKS.items():
        yield f"### {framework}"
        yield ""
        yield f"See <{url}>"
        yield ""
        if framework == FSBP:
            claims = [(name, r.id) for r in rules for name in requirements_of(r).get(FSBP, ())]
            rows = (
                (name, ", ".join(f"[{rule}](#{rule})" for found, rule in claims if found == name))
                for name in sorted({name for name, _ in claims}, key=_natural)
            )
            yield from _table(("Control", "Rules"), rows)
            continue
        yield from _table(
            ("Requirement", "What it asks", "Rules, elsewhere, or why not"),
            (
                (found.id, found.title, _coverage(found, rules))
                for found in REQUIREMENTS
                if found.framework == framework
            ),
        )


def _coverage(requirement: Requirement, rules: Sequence[AnyRule]) -> str:
    tested = ", ".join(f"[{rule.id}](#{rule.id})" for rule in rules_of(requirement, rules))
    elsewhere = f"Elsewhere: {requirement.elsewhere}." if requirement.elsewhere else ""
    left_out = f"Not covered: {requirement.left_out}." if requirement.left_out else ""
    return " ".join(part for part in (tested, elsewhere, left_out) if part)


def _natural(name: str) -> tuple[str, int]:
    service, _, number = name.partition(".")
    return service, int(number) if number.isdigit() else 0


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---' for _ in heads)}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _rule(rule: AnyRule, configuration: PackConfiguration) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield f"{rule.title} {rule.why}"
    yield ""
    yield f"- Fix: {rule.fix}"
    yield f"- About: {', '.join(f'`{kind}`' for kind in sorted(rule.types))}"
    if isinstance(rule, StackRule):
        yield f"- Looks at: {', '.join(f'`{kind}`' for kind in sorted(rule.reads))}"
    yield f"- Severity: {rule.severity.value}; level: {configuration.level(rule).value}" + (
        "" if rule.exceptions_allowed else "; **no exceptions**"
    )
    if isinstance(rule, ResourceRule) and rule.remedy:
        yield "- Can mend what it finds, with the level `remediate`."
    if rule.references:
        yield f"- Elsewhere: {', '.join(rule.references)}"
    for framework, names in requirements_of(rule).items():
        if framework != FSBP:
            yield f"- {framework}: {', '.join(names)}"
    for name, setting in rule.settings.items():
        now = _shown(configuration.settings_of(rule)[name])
        yield f"- Setting `{name}`: {setting.description} Now: {now}."
    yield f"- See <{rule.url}>"
    yield ""


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {element}" for key, element in value.items()) or "none"
    return str(value)


def _control(found: Control) -> tuple[str, ...]:
    done = ", ".join(f"[{rule}](#{rule})" for rule in found.rules)
    return (found.area, found.name, ", ".join(found.ids), done or f"Left out. {found.left_out}")
