"""The one place that knows pulumi_policy: rules become its policies, and its servicer serves them.

The SDK's servicer unpacks a resource anew for each policy of a pack, whether the policy is about that type or
not: 0.12 ms, which for a hundred rules doubles the time of a preview. So `Servicer` hands each request to an
SDK servicer that holds only the policies of that resource's type, and the SDK does the rest as always.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from datetime import UTC, date, datetime
from typing import Any

import grpc
import pulumi_policy as sdk
from google.protobuf import json_format  # type: ignore[import-untyped]  # published without types
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy.deserialize import serialize_properties
from pulumi_policy.policy import _PolicyAnalyzerServicer
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies import configuration, exceptions
from policies.compliance import requirements_of, tags_of
from policies.configuration import Level, PackConfiguration, PackConfigurationError
from policies.evaluation import NotEvaluated, Violation, evaluate
from policies.graph import Graph
from policies.properties import MalformedPropertyError, UnknownPropertyError
from policies.resource import CheckedProvider, CheckedResource
from policies.rule import AnyRule, ResourceRule, RuleContext, StackRule, applies
from policies.rules import RULES
from policies.stack import CONFIGURATION, CheckedStack, UndeclaredSettingError
from policies.version import PACK, VERSION

NOT_EVALUATED = "not-evaluated"
"""The name under which the engine shows what could not be evaluated."""
LARGEST_MESSAGE = 400 * 1024 * 1024
"""Bytes; the SDK's own limit for a request of the engine."""


def today() -> date:
    """Return the day by which exceptions expire."""
    return datetime.now(UTC).date()


class Session:
    """What the engine told of the run so far, and what the pack has seen in it."""

    def __init__(self, rules: Sequence[AnyRule], configured: PackConfiguration, day: date) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self.day = day
        self.configuration = configured
        self.stack: CheckedStack | None = None
        self.previewing = False
        self.used: list[tuple[str, str]] = []
        self.waiting: dict[str, set[str]] = {}
        self.without_configuration: set[str] = set()

    def stack_of(self, urn: str) -> CheckedStack:
        """Return the stack; without the engine's word for it, what a URN tells, and no configuration."""
        if self.stack is not None:
            return self.stack
        environment, _, project = urn.removeprefix("urn:pulumi:").partition("::")
        return CheckedStack(
            project=project.partition("::")[0],
            environment=environment,
            handed_over="PULUMI_PROJECT" in os.environ,  # set in an update, not by `pulumi policy analyze`
        )

    def postpone(self, outcome: NotEvaluated) -> bool:
        """Keep what is reported in one line when all resources are known; False if it is reported at once."""
        rule, urn = outcome.rule.id, outcome.urn
        if outcome.path == CONFIGURATION:
            self.without_configuration.add(rule)
        elif self.previewing:
            self.waiting.setdefault(rule, set()).add(urn)
        else:
            return False
        self.used.append((rule, urn))
        return True

    def postponed(self) -> Iterator[str]:
        """Yield what could not be evaluated, in one line for each reason."""
        if self.without_configuration:
            yield (
                f"{len(self.without_configuration)} rules were not evaluated: the engine handed over no "
                "stack configuration (`pulumi policy analyze` has none). Use `pulumi preview`, `pulumi up` "
                "or `python -m policies check --project-dir`."
            )
        if self.waiting:
            resources = len(set().union(*self.waiting.values()))
            yield (
                f"{len(self.waiting)} rules on {resources} resources wait for values that are known only "
                f"during the update: {', '.join(sorted(self.waiting))}."
            )

    def context(self, rule: AnyRule, urn: str, graph: Graph) -> RuleContext:
        """Return what a rule may know."""
        return RuleContext(
            stack=self.stack_of(urn),
            settings=self.configuration.settings_of(rule),
            graph=graph,
            zone=self.configuration.zone,
        )


def policy(rule: AnyRule, session: Session) -> sdk.Policy:
    """Return a rule as the SDK's policy; its name, severity and remedy are what the engine shows."""
    metadata: dict[str, Any] = {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": sdk.EnforcementLevel(session.configuration.level(rule).value),
        "severity": sdk.Severity(rule.severity.value),
        "remediation_steps": rule.fix,
        "url": rule.url,
        "tags": [rule.service, *rule.references, *tags_of(rule)],
        "framework": _framework(rule),
        "config_schema": sdk.PolicyConfigSchema(configuration.rule_schema(rule)),
    }
    if isinstance(rule, StackRule):
        return sdk.StackValidationPolicy(validate=_stack_validation(rule, session), **metadata)
    remedy = _remediation(rule, session) if isinstance(rule, ResourceRule) and rule.remedy else None
    return sdk.ResourceValidationPolicy(validate=_validation(rule, session), remediate=remedy, **metadata)


def _framework(rule: AnyRule) -> sdk.PolicyComplianceFramework | None:
    """Return the first framework of a rule: the SDK's metadata has room for one."""
    for framework, names in requirements_of(rule).items():
        return sdk.PolicyComplianceFramework(name=framework, specification=", ".join(names))
    return None


def _validation(rule: AnyRule, session: Session) -> sdk.ResourceValidation:
    def validate(args: sdk.ResourceValidationArgs, report: sdk.ReportViolation) -> None:
        if applies(rule, args.resource_type):
            resource = _resource(args)
            _report([(rule, resource, session.context(rule, resource.urn, Graph()))], report, session)

    return validate


def _stack_validation(rule: StackRule, session: Session) -> sdk.StackValidation:
    def validate(args: sdk.StackValidationArgs, report: sdk.ReportViolation) -> None:
        graph = Graph(tuple(_resource(found) for found in args.resources))
        _report(
            [
                (rule, resource, session.context(rule, resource.urn, graph))
                for resource in graph.of(*sorted(rule.types))
            ],
            report,
            session,
        )

    return validate


def _report(
    questions: Iterable[tuple[AnyRule, CheckedResource, RuleContext]],
    report: sdk.ReportViolation,
    session: Session,
) -> None:
    """Ask, report every violation, and only then tell the SDK of the first thing that is unknown."""
    unknown: NotEvaluated | None = None
    for rule, resource, context in questions:
        for outcome in evaluate(rule, resource, context):
            match outcome:
                case Violation(message=message, urn=urn):
                    report(f"{message} Fix: {rule.fix}", urn)
                case NotEvaluated():
                    if not session.postpone(outcome):
                        unknown = unknown or outcome
    if unknown is not None:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [unknown.urn.rpartition("::")[2], unknown.path])


def _remediation(rule: ResourceRule, session: Session) -> sdk.ResourceRemediation:
    def remediate(args: sdk.ResourceValidationArgs) -> Any:  # the SDK's annotation wants an awaitable
        resource = _resource(args)
        try:
            return rule.remedy and rule.remedy(resource, session.context(rule, resource.urn, Graph()))
        except UnknownPropertyError as reason:
            raise UnknownValueError(UNKNOWN_STRING_VALUE, [resource.name, reason.path]) from None
        except (MalformedPropertyError, UndeclaredSettingError):
            return None  # nothing that could be mended; the rule's check says what is wrong

    return remediate


def _resource(found: sdk.ResourceValidationArgs | sdk.PolicyResource) -> CheckedResource:
    """Return the engine's resource without its proxies: plain JSON, in which an unknown is still marked."""
    provider = found.provider
    links = getattr(found, "property_dependencies", {})
    return CheckedResource(
        type=found.resource_type,
        name=found.name,
        urn=found.urn,
        props=serialize_properties(found.props),
        protect=found.opts.protect,
        provider=CheckedProvider(
            name=provider.name, type=provider.resource_type, props=serialize_properties(provider.props)
        )
        if provider
        else None,
        links={key: tuple(other.urn for other in others) for key, others in links.items()},
    )


class Servicer(proto.AnalyzerServicer):
    """The pack as the engine calls it."""

    def __init__(self, rules: Sequence[AnyRule] = RULES, day: date | None = None) -> None:
        day = day or today()
        self._own = _own_configuration(rules)
        self._reviewed = configuration.parse(self._own, rules, day)
        self._session = Session(rules, self._reviewed, day)
        self._rules = tuple(rules)
        self._whole = self._servicer(self._rules)
        self._parts: dict[str, Any] = {}
        self._configured: Any = None
        self._configured_stack: Any = None
        self._lock = threading.Lock()

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, D102  the protocol's
        return self._whole.GetAnalyzerInfo(request, context)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, D102
        return self._whole.GetPluginInfo(request, context)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take over the configuration that the engine put together; refuse one with a mistake in it."""
        given = {name: _as_document(found) for name, found in request.policyConfig.items()}
        document = configuration.merge(self._own, {"rules": given})
        try:
            parsed = configuration.parse(document, self._rules, self._session.day, reviewed=self._reviewed)
        except PackConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            raise
        self._session.configuration = parsed
        self._configured = request
        self._parts.clear()
        return self._whole.Configure(request, context)

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Learn which stack it is and what the stack declares."""
        self._session.stack = CheckedStack(
            project=request.project, environment=request.stack, config=dict(request.config)
        )
        self._session.previewing = request.dry_run
        self._configured_stack = request
        self._parts.clear()
        return self._whole.ConfigureStack(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
        """One resource, by the rules about its type."""
        servicer = self._for(f"analyze {request.type}", lambda: self._about(request.type))
        if servicer is None:
            return proto.AnalyzeResponse()
        response = servicer.Analyze(request, context)
        for diagnostic in response.diagnostics:
            self._settle(diagnostic, diagnostic.urn or request.urn)
        return response

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802
        """One resource, rewritten by those rules about its type that have a remedy and may use it."""
        servicer = self._for(f"remediate {request.type}", lambda: self._remedying(request.type))
        return servicer.Remediate(request, context) if servicer else proto.RemediateResponse()

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Check the whole stack by each rule about relations, which is given the types that it reads."""
        response = proto.AnalyzeResponse()
        for rule in self._rules:
            if isinstance(rule, StackRule):
                servicer = self._for_stack(rule)
                read = [
                    resource for resource in request.resources if resource.type in rule.types | rule.reads
                ]
                if servicer and read:
                    part = servicer.AnalyzeStack(proto.AnalyzeStackRequest(resources=read), context)
                    response.MergeFrom(part)
        for diagnostic in response.diagnostics:
            self._settle(diagnostic, diagnostic.urn)
        if request.resources:
            response.diagnostics.extend(self._unused(request.resources[0].urn))
        response.diagnostics.extend(
            _advice(NOT_EVALUATED, "Rules that could not be evaluated.", message)
            for message in self._session.postponed()
        )
        return response

    def _about(self, resource_type: str) -> list[AnyRule]:
        return [r for r in self._rules if not isinstance(r, StackRule) and applies(r, resource_type)]

    def _remedying(self, resource_type: str) -> list[AnyRule]:
        level = self._session.configuration.level
        return [
            r
            for r in self._about(resource_type)
            if isinstance(r, ResourceRule) and r.remedy and level(r) is Level.REMEDIATE
        ]

    def _for_stack(self, rule: StackRule) -> Any:
        return self._for(f"stack {rule.id}", lambda: [rule])

    def _for(self, key: str, choose: Callable[[], Sequence[AnyRule]]) -> Any:
        """The SDK's servicer for some of the rules, configured as the whole is; None where there are no such
        rules.
        """
        with self._lock:
            if key not in self._parts:
                rules = choose()
                part = self._servicer(rules) if rules else None
                if part and self._configured is not None:
                    part.Configure(self._configured, None)
                if part and self._configured_stack is not None:
                    part.ConfigureStack(self._configured_stack, None)
                self._parts[key] = part
            return self._parts[key]

    def _servicer(self, rules: Sequence[AnyRule]) -> Any:
        """Return an SDK servicer; untyped, as its methods are."""
        return _PolicyAnalyzerServicer(
            PACK,
            VERSION,
            [policy(rule, self._session) for rule in rules],
            sdk.EnforcementLevel.MANDATORY,
            initial_config=_initial(self._own, self._rules),
        )

    def _settle(self, diagnostic: Any, urn: str) -> None:
        """Let an exception turn a violation into a visible line, and say so where one has expired."""
        session, rule = self._session, diagnostic.policyName
        session.used.append((rule, urn))
        if diagnostic.enforcementLevel == proto.ADVISORY and diagnostic.message.startswith(
            "can't run policy"
        ):
            return
        known = session.configuration.exceptions
        if accepted := exceptions.active(known, rule, urn, session.day):
            diagnostic.enforcementLevel = proto.ADVISORY
            diagnostic.message += f"\n{accepted.note()}"
        elif expired := exceptions.expired(known, rule, urn, session.day):
            diagnostic.message += (
                f"\nThe exception for it expired on {expired.expires.isoformat()} ({expired.owner})."
            )

    def _unused(self, urn: str) -> list[Any]:
        session = self._session
        stack = session.stack_of(urn)
        return [
            _advice(
                found.rule,
                session.rules[found.rule].title,
                f"The exception for {found.urn} is used by nothing: remove it ({found.owner}).",
            )
            for found in exceptions.unused(
                session.configuration.exceptions,
                stack=stack.environment,
                project=stack.project,
                used=session.used,
            )
        ]


def _advice(name: str, description: str, message: str) -> Any:
    """Return a diagnostic about the run rather than about a resource."""
    return proto.AnalyzeDiagnostic(
        policyName=name,
        policyPackName=PACK,
        policyPackVersion=VERSION,
        description=description,
        message=message,
        enforcementLevel=proto.ADVISORY,
    )


def _own_configuration(rules: Sequence[AnyRule]) -> dict[str, Any]:
    """Return the pack's own configuration, without what it says of rules that are not served."""
    found = configuration.read_file(configuration.OWN_FILE)
    absent = {rule.id for rule in RULES} - {rule.id for rule in rules}
    kept = {name: given for name, given in found.get("rules", {}).items() if name not in absent}
    return {**found, "rules": kept}


def _as_document(found: Any) -> dict[str, Any]:
    level = {
        proto.ADVISORY: Level.ADVISORY,
        proto.MANDATORY: Level.MANDATORY,
        proto.REMEDIATE: Level.REMEDIATE,
        proto.DISABLED: Level.DISABLED,
    }[found.enforcementLevel]
    return {"enforcementLevel": level.value, **json_format.MessageToDict(found.properties)}


def _initial(own: Mapping[str, Any], rules: Sequence[AnyRule]) -> dict[str, Any]:
    """The pack's own settings in the SDK's form, which the engine lays under `--policy-pack-config`."""
    ids = {rule.id for rule in rules}
    settings = {}
    for name, given in configuration.merge(own)["rules"].items():
        if name in ids:
            level = given.pop("enforcementLevel", None)
            settings[name] = {**given, **({"enforcementLevel": sdk.EnforcementLevel(level)} if level else {})}
    return settings


def serve(until: Callable[[Any], object] = lambda server: server.wait_for_termination()) -> None:
    """Serve the engine: print the port on stdout, then answer until the engine ends the process."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    until(server)
