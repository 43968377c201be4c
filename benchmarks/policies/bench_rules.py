"""What the pack costs in its own process: per resource, per rule, and how that grows with the stack.

python benchmarks/policies/bench_rules.py [--json]
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from policies.adapter import Servicer
from policies.check import check_export
from policies.resource import CheckedProvider, CheckedResource
from policies.rule import RuleContext, StackRule, applies
from policies.rules import RULES
from policies.stack import CheckedStack
from tests.policies.compliant import BUILDERS, PROVIDER, resource
from tests.policies.engine import (
    PROJECT,
    TODAY,
    Made,
    analyze_request,
    config_of,
    servicer,
    stack_request,
)

SIZES = (100, 1_000, 10_000)
KINDS = tuple(kind for kind in BUILDERS if kind != PROVIDER)
LINEAR = 1.5
"""How much more a resource may cost in the largest stack than in the smallest."""


def stack_of(size: int) -> list[Made]:
    """A stack of compliant resources, all types in turn, each with a name and an ARN of its own."""
    made = [resource(KINDS[number % len(KINDS)], name=f"r{number}") for number in range(size)]
    return [one.but(props={**one.props, "id": one.name, "arn": f"arn:aws:x:::{one.name}"}) for one in made]


def seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """The processor time of the fastest of some runs: what else runs on the machine doesn't count."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


def one_by_one(pack: Servicer, made: Sequence[Made]) -> float:
    """Seconds for `Analyze` on each resource."""
    requests = [analyze_request(one) for one in made]

    def work() -> None:
        for request in requests:
            pack.Analyze(request, None)

    return seconds(work, 2 if len(made) > 1_000 else 5)


def together(pack: Servicer, made: Sequence[Made]) -> float:
    """Seconds for `AnalyzeStack` on all of them."""
    request = stack_request(made)
    return seconds(lambda: pack.AnalyzeStack(request, None), 3 if len(made) > 1_000 else 9)


def offline(made: Sequence[Made]) -> float:
    """Seconds for a check of an export of them."""
    document = {
        "deployment": {
            "resources": [
                {"urn": one.urn, "type": one.type, "inputs": dict(one.props), "outputs": dict(one.props)}
                for one in made
            ]
        }
    }
    return seconds(lambda: check_export(document, config_of("dev"), today=TODAY), 3)


def per_rule() -> dict[str, float]:
    """Microseconds of each rule's own function on one compliant resource; rules about relations excluded."""
    stack = CheckedStack(project=PROJECT, environment="dev", config=config_of("dev"))
    found: dict[str, float] = {}
    for rule in RULES:
        kinds = [kind for kind in KINDS if applies(rule, kind)]
        if isinstance(rule, StackRule) or not kinds:
            continue
        made = resource(kinds[0])
        subject = CheckedResource(
            type=made.type,
            name=made.name,
            urn=made.urn,
            props=made.props,
            provider=CheckedProvider(name="aws", props=made.provider_props),
        )
        settings = {name: setting.default for name, setting in rule.settings.items()}
        context = RuleContext(stack=stack, settings=settings)
        found[rule.id] = _microseconds(rule, subject, context)
    return found


def _microseconds(rule: Any, subject: CheckedResource, context: RuleContext) -> float:
    from policies.evaluation import evaluate

    times = 200

    def work() -> None:
        for _ in range(times):
            list(evaluate(rule, subject, context))

    return seconds(work) / times * 1e6


def measure() -> dict[str, Any]:
    """Everything that this benchmark measures."""
    pack = servicer()
    asked = {kind: sum(applies(r, kind) for r in RULES if not isinstance(r, StackRule)) for kind in KINDS}
    growth = []
    for size in SIZES:
        made = stack_of(size)
        questions = sum(asked[one.type] for one in made)
        single, whole = one_by_one(pack, made), together(pack, made)
        growth.append(
            {
                "resources": size,
                "analyzeMicrosecondsPerResource": single / size * 1e6,
                "analyzeMicrosecondsPerResourceAndRule": single / questions * 1e6,
                "analyzeStackMicrosecondsPerResource": whole / size * 1e6,
                "checkExportMicrosecondsPerResource": offline(made) / size * 1e6,
            }
        )
    rules = per_rule()
    ratios = {key: growth[-1][key] / growth[0][key] for key in growth[0] if key.endswith("PerResource")}
    return {
        "rules": len(RULES),
        "growth": growth,
        "growthRatios": ratios,
        "linear": all(ratio <= LINEAR for ratio in ratios.values()),
        "ruleMicroseconds": {
            "median": sorted(rules.values())[len(rules) // 2],
            "slowest": dict(sorted(rules.items(), key=lambda item: -item[1])[:5]),
        },
    }


def show(found: Mapping[str, Any]) -> None:
    """The figures for people."""
    print(f"{found['rules']} rules; microseconds of processor time per resource:")
    print(f"{'resources':>10} {'Analyze':>10} {'per rule':>10} {'AnalyzeStack':>14} {'export':>10}")
    for row in found["growth"]:
        print(
            f"{row['resources']:>10} {row['analyzeMicrosecondsPerResource']:>10.0f} "
            f"{row['analyzeMicrosecondsPerResourceAndRule']:>10.1f} "
            f"{row['analyzeStackMicrosecondsPerResource']:>14.0f} "
            f"{row['checkExportMicrosecondsPerResource']:>10.0f}"
        )
    ratios = ", ".join(f"{ratio:.2f}" for ratio in found["growthRatios"].values())
    verdict = "ok" if found["linear"] else "TOO MUCH"
    print(f"growth of a resource's cost, 100 to 10,000: {ratios} (limit {LINEAR}): {verdict}")
    rules = found["ruleMicroseconds"]
    slowest = ", ".join(f"{name} {cost:.0f}" for name, cost in rules["slowest"].items())
    print(f"a rule's own function: median {rules['median']:.1f}; slowest: {slowest}")


def main() -> int:
    """Measure and print; 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure()
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        show(found)
    return 0 if found["linear"] else 1


if __name__ == "__main__":
    sys.exit(main())
