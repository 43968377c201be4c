"""What a failed `pulumi` command means: one small hierarchy, each failure with what to do about it."""

import re
import textwrap
from dataclasses import dataclass

from pulumi import automation as auto

from components.stacks import LACKS_OUTPUTS
from operations.engine.refusal import Refusal
from operations.errors import CommandError, ExitCode


class OperationFailed(CommandError):  # noqa: N818  its kinds say what failed
    """An operation on a stack failed. The message, for the user, says what happened and what to do."""

    exit_code = ExitCode.FINDINGS

    def __str__(self) -> str:
        """The message, which ends with the remedy already."""
        return Exception.__str__(self)


class StackLocked(OperationFailed):
    """Another operation holds the stack, or one was killed while it did."""


class WrongPassphrase(OperationFailed):
    """The passphrase of the stack's secrets is missing or is another one."""


class StackMissing(OperationFailed):
    """The stack itself was never created."""


class UpstreamMissing(OperationFailed):
    """A stack that this one reads was never deployed."""


class PolicyViolated(OperationFailed):
    """A mandatory rule of the policy pack refuses the stack."""


class NotPromoted(OperationFailed):
    """The promotion gate refuses the content in this environment; nothing was touched."""

    refusal: Refusal
    """The reason as data."""


class ProgramFailed(OperationFailed):
    """The stack's program raised: a wrong configuration, or a mistake in the code."""


class BackendUnreachable(OperationFailed):
    """The state of the stacks can't be read."""


class NotLoggedIn(BackendUnreachable):
    """No backend is chosen: neither a variable nor a login names one."""


class PluginMissing(OperationFailed):
    """A plugin is not installed: engines that are started here download none."""


class Cancelled(OperationFailed):
    """The operation was interrupted and came to an orderly end."""


@dataclass(frozen=True, kw_only=True)
class StackName:
    """A project in an environment."""

    project: str
    environment: str

    def __str__(self) -> str:
        return f"{self.project}/{self.environment}"


@dataclass(frozen=True)
class _Sign:
    """How a kind of failure shows in the command's words, and what to do about it."""

    kind: type[OperationFailed]
    pattern: re.Pattern[str]
    remedy: str


def _sign(kind: type[OperationFailed], pattern: str, remedy: str) -> _Sign:
    return _Sign(kind, re.compile(pattern, re.MULTILINE), remedy)


# In this order: a failure of the backend may also show as a program's, and so on.
_SIGNS = (
    _sign(
        Cancelled,
        r"error: (update|preview|destroy|refresh) cancell?ed",
        "Run the same command again to go on.",
    ),
    _sign(
        StackLocked,
        r"the stack is currently locked by|\[409\] Conflict",
        "Wait for the other operation to end. "
        "If it was killed: pulumi -C projects/{project} cancel {environment}",
    ),
    _sign(
        WrongPassphrase,
        r"incorrect passphrase|passphrase must be set",
        "Set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the passphrase of this stack. "
        "If its file holds an encryptionsalt that another backend's stack left there, remove that line.",
    ),
    _sign(
        PluginMissing,
        r"no (resource|language|analyzer|converter|tool) plugin '?pulumi-\w+-(?P<plugin>[\w-]+)'? found"
        r"( in the workspace at version v(?P<version>[\w.+-]+))?",
        "Install it, with the checksum of the release's archive: "
        "pulumi plugin install resource {plugin} {version} --checksum SHA256",
    ),
    _sign(
        UpstreamMissing,
        r'unknown stack "[^"/]+/(?P<project>[^"/]+)/(?P<environment>[^"/]+)"',
        "Deploy {project}/{environment} first: "
        "python scripts/deploy.py up --env {environment} --project {project}",
    ),
    _sign(
        StackMissing,
        r"no stack named '[^']*' found",
        "Deploy it: python scripts/deploy.py up --env {environment} --project {project}",
    ),
    _sign(
        PolicyViolated,
        r"\[mandatory\]",
        "Correct the program or its configuration; docs/policies.md explains each rule.",
    ),
    _sign(
        NotLoggedIn,
        r"PULUMI_ACCESS_TOKEN must be set",
        "Choose the backend of the stacks: set PULUMI_BACKEND_URL, or run `pulumi login`.",
    ),
    _sign(
        BackendUnreachable,
        r"unable to open state directory|meta\.yaml|performing HTTP request|"
        r"could not (get|list|load) .*(bucket|checkpoint)",
        "Check PULUMI_BACKEND_URL, the network and the credentials for it; `pulumi login` sets the backend.",
    ),
    _sign(
        ProgramFailed,
        rf"Program failed with an unhandled exception|an unhandled error occurred|{LACKS_OUTPUTS}",
        "",
    ),
)

_ERROR = re.compile(r"^(\s*)error: ")
_VIOLATION = re.compile(r"^\s*- \[(\w+)\]")
_PACK = re.compile(r"^\s*\S+ \S+@v")
_ECHO = re.compile(r"^\s*error: (update|preview|destroy|refresh) failed$")
_STACK = re.compile(r"^  pulumi:pulumi:Stack \(.*\):$")
_TITLES = ("Policies:", "Outputs:", "Resources:", "Duration:", "Diagnostics:")


def translate(error: auto.CommandError, stack: StackName, refusal: Refusal | None = None) -> OperationFailed:
    """Return the failure that `error`, from a command on `stack`, stands for.

    `refusal` is what the promotion gate sent among the command's events.
    """
    output, errors = _streams(str(error))
    said = _explanation(output, errors)
    if refusal:
        refused = NotPromoted(f"{stack}: {said}")
        refused.refusal = refusal
        return refused
    for sign in _SIGNS:
        found = sign.pattern.search(f"{errors}\n{output}")
        if found:
            names = {"project": stack.project, "environment": stack.environment, **found.groupdict("VERSION")}
            remedy = sign.remedy.format(**names)
            failure = sign.kind("\n".join(filter(None, [f"{stack}: {said}", remedy])))
            failure.remedy = remedy
            return failure
    return OperationFailed(f"{stack}: {said}")


def _streams(text: str) -> tuple[str, str]:
    """Standard output and standard error, as a CommandError's text holds them."""
    found = re.search(r"\A\s*code: -?\d+\n stdout: (.*)\n stderr: (.*)\Z", text, re.DOTALL)
    return (found[1], found[2]) if found else ("", text)


def _explanation(output: str, errors: str) -> str:
    """What the command says of its failure: errors, diagnostics, and policies that were violated."""
    lines = [line for line in errors.splitlines() if line.strip() and not line.startswith("warning:")]
    # Under the stack's own heading is what the program said; a resource's heading says whose error it is.
    diagnostics = [line for line in _section(output, "Diagnostics:") if not _STACK.match(line)]
    lines += textwrap.dedent("\n".join(diagnostics)).splitlines()
    lines += _mandatory(_section(output, "Policies:"))
    said = "\n".join(_ERROR.sub(r"\1", line) for line in lines) or output.strip()
    return said or "the engine ended without a word"


def _mandatory(policies: list[str]) -> list[str]:
    """The violations that stop a deployment; advice, of which there may be a hundred lines, does not."""
    found: list[str] = []
    stops = False
    for line in policies:
        entry = _VIOLATION.match(line)
        stops = entry[1] == "mandatory" if entry else stops and not _PACK.match(line)
        if stops:
            found.append(line)
    return textwrap.dedent("\n".join(found)).splitlines()


def _section(output: str, title: str) -> list[str]:
    """The lines of the summary's section `title`, without those that only say that there was a failure."""
    lines = output.splitlines()
    starts = [number for number, line in enumerate(lines) if line == title]
    found: list[str] = []
    for line in lines[starts[-1] + 1 :] if starts else []:
        if line in _TITLES:
            break
        if line.strip() and not _ECHO.match(line):
            found.append(line)
    return found
