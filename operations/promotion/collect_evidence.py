"""Collect the evidence for a promotion or a rollback: outputs, records, previews, drift, fingerprints.

It changes nothing, in no account and in no state. Of a commit that was not reviewed nothing is run.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from components.environment import EnvironmentTree, upstream_of
from components.release import UNRELEASED
from operations.drift.report import Report as DriftReport
from operations.engine.backend_files import BackendFiles, BackendUnreadableError
from operations.engine.checkpoints import stack_outputs
from operations.engine.command import EngineCommand
from operations.engine.failure import OperationFailed, StackMissing, StackName
from operations.errors import CommandError, ExitCode
from operations.promotion import fingerprint
from operations.promotion.checkout import Checkouts
from operations.promotion.deployed_state import running
from operations.promotion.evidence import (
    DeployedState,
    Evidence,
    PromotionOptions,
    ReleaseRef,
    StackPreview,
    WaveMember,
)
from operations.promotion.git import CheckoutError, is_ancestor
from operations.promotion.journal import Journal
from operations.promotion.previews import preview
from operations.promotion.record import PromotionRecord
from operations.promotion.review import review
from operations.promotion.waves import earlier_environments
from operations.workspace import outputs, project_directory, translating

Drift = Callable[[str, str, Path], DriftReport]
"""Compares source and target, rendered from the code at a root. Raises OperationFailed."""


@dataclass(frozen=True, kw_only=True)
class RequestedRelease:
    """The release that the user asked for by id or commit."""

    release: str = ""
    """Its id."""
    commit: str = ""
    """Its commit, in full."""

    def named(self) -> str:
        """Return a description of the request."""
        return f"release {self.release}" if self.release else f"commit {self.commit[:12]}"

    def is_met(self, release: ReleaseRef) -> bool:
        """Return whether the release is the requested one."""
        return self.release in ("", release.id) and self.commit in ("", release.commit)


ANY = RequestedRelease()


class ReleaseNotRunningError(OperationFailed):
    """The upstream does not run the release that was named."""

    kind = "NotRunning"


class SupersededError(ReleaseNotRunningError):
    """The upstream runs a later release than the one that was named."""

    exit_code = ExitCode.SUPERSEDED
    kind = "Superseded"


class NothingToDeployError(CommandError):
    """There is no release to promote or to go back to. The message says why and what to do."""

    kind = "NothingToDeploy"


@dataclass(frozen=True, kw_only=True)
class EvidenceReader:
    """Reads the environments of `repository`; previews each release from its own checkout."""

    repository: Path
    ladder: EnvironmentTree
    journal: Journal
    checkouts: Checkouts
    projects: tuple[str, ...]
    """Projects to deploy, in order."""
    command: EngineCommand
    """The engine; its programs use the reader role of their environment."""
    policy_pack: Path
    """Policy pack for the previews: this checkout's, never the release's."""
    branch: str
    """The protected branch."""
    drift: Drift
    clock: Callable[[], datetime]
    alarms: Callable[[str], tuple[str, ...]] = lambda _: ()
    """Returns the active alarms of an environment. Raises OperationFailed."""
    holder: Callable[[StackName], str | None] = lambda _: None
    """Returns the holder of a stack's lock, or None. Raises BackendUnreadableError."""
    say: Callable[[str], None] = lambda _: None
    """Receives progress messages."""
    files: BackendFiles | None = None
    """The state backend's files; None if it is a service."""
    wave_members: dict[str, WaveMember] = field(default_factory=dict)
    """Environments of earlier waves that were read so far."""

    def promotion(
        self, source: str, target: str, terms: PromotionOptions, wanted: RequestedRelease = ANY
    ) -> Evidence:
        """Read the evidence for promoting what `source` runs to `target`, if it is what is `wanted`.

        Raises NothingToDeployError, SupersededError, ReleaseNotRunningError, CheckoutError or others.
        """
        found = self.offered(source, wanted)
        return self._read(source, target, found.release, found, self.running(target), terms)

    def offered(self, source: str, wanted: RequestedRelease = ANY) -> DeployedState:
        """Return what `source` runs, which is a release and the one that is `wanted`.

        Raises NothingToDeployError, SupersededError, ReleaseNotRunningError or another OperationFailed.
        """
        self.say(f"{source}: outputs …")
        found = self.running(source)
        if found is None:
            raise NothingToDeployError(
                f"{source} is not deployed, so there is nothing to promote.\n"
                f"Deploy it: python scripts/deploy.py up --env {source} --verify"
            )
        if found.release.id == UNRELEASED or not found.release.commit:
            reason = found.unreleased or "its checkout differed from its commit"
            raise NothingToDeployError(
                f"{source} runs no release: {reason}.\n"
                f"Deploy it from a clean one: python scripts/deploy.py up --env {source} --verify"
            )
        if not wanted.is_met(found.release):
            raise self._unmet(wanted, found)
        return found

    def rollback(self, environment: str, to: str | None, terms: PromotionOptions) -> Evidence:
        """Read the evidence for a rollback to the last verified release, or to one by its id."""
        found = self.running(environment)
        record = self.journal.record(environment)
        if found is None:
            raise NothingToDeployError(f"{environment} is not deployed: there is nothing to roll back.")
        release = rollback_release(found, record) if to is None else _named(found, to)
        return self._read(environment, environment, release, found, found, terms)

    def running(self, environment: str) -> DeployedState | None:
        """Return the deployed state of an environment, or None."""
        return running(environment, root=self.repository, command=self.command)

    def outputs(self, name: StackName) -> Mapping[str, Any]:
        """Return a stack's outputs, from the backend's file if it keeps any; none if it is not deployed.

        Raises OperationFailed or BackendUnreadableError.
        """
        if self.files is not None:
            return stack_outputs(name, self.files)
        try:
            return outputs(name.project, name.environment, root=self.repository, command=self.command)
        except StackMissing:
            return {}

    def _read(
        self,
        source: str,
        target: str,
        release: ReleaseRef,
        source_running: DeployedState,
        target_running: DeployedState | None,
        terms: PromotionOptions,
    ) -> Evidence:
        stacks = [StackName(project=project, environment=target) for project in self.projects]
        record = self.journal.record(target)
        reviewed = review(release.commit, self.branch, self.repository)
        seen = _Seen()
        if reviewed.on_branch or terms.allow_unreviewed:
            seen = self._run(source, target, release, stacks)
        put_back = None if source == target else _put_back(target_running, release, record)
        in_flight = record.in_flight
        locks, locks_problem = self._locks(stacks)
        alarms, alarms_problem = self._alarms(target) if source != target else ((), "")
        return Evidence(
            terms=terms,
            source=source,
            target=target,
            ladder=self.ladder,
            projects=self.projects,
            read_at=self.clock(),
            release=release,
            review=reviewed,
            downgrade=source != target and self._is_older(release, target_running),
            put_back=put_back,
            put_back_problem=self._problem(put_back, terms) if put_back else "",
            source_running=source_running,
            target_running=target_running,
            earlier_waves=self._earlier_waves(target) if source != target else (),
            source_record=self.journal.record(source),
            target_record=record,
            drift=seen.drift,
            drift_failure=seen.drift_failure,
            previews=seen.previews,
            in_flight_alive=self.journal.alive(in_flight.actor) if in_flight else None,
            alarms=alarms,
            alarms_problem=alarms_problem,
            locks=locks,
            locks_problem=locks_problem,
            fingerprints=seen.fingerprints,
        )

    def _run(self, source: str, target: str, release: ReleaseRef, stacks: Sequence[StackName]) -> "_Seen":
        """Collect what requires running the release's code."""
        self.say(f"release {release.id}: its code, commit {release.commit[:12]} …")
        root = self.checkouts.root(release.commit)
        self.say(f"{target}: previews under the policy pack, as its reader …")
        previews, states = self._previews(stacks, root)
        drift, failure = None, None
        if source != target:
            self.say(f"{source} and {target}: drift …")
            try:
                drift = self.drift(source, target, root)
            except OperationFailed as error:
                failure = str(error)
        return _Seen(
            previews=previews,
            drift=drift,
            drift_failure=failure,
            fingerprints={
                **{f"the state of {name}": digest for name, digest in zip(stacks, states, strict=True)},
                f"the configuration of {target}": fingerprint.configuration(root, target),
                "the code": fingerprint.code(root),
                "the policy pack": fingerprint.folder(self.policy_pack),
            },
        )

    def _previews(
        self, stacks: Sequence[StackName], root: Path
    ) -> tuple[tuple[StackPreview, ...], tuple[str, ...]]:
        """Preview each stack and digest its state, concurrently, since most of it is waiting for AWS."""
        command, pack = self.command, self.policy_pack
        with ThreadPoolExecutor(max_workers=len(stacks)) as pool:
            try:
                return (
                    tuple(
                        pool.map(
                            lambda name: preview(name, root=root, command=command, policy_pack=pack), stacks
                        )
                    ),
                    tuple(pool.map(lambda name: _state(name, root, command), stacks)),
                )
            except KeyboardInterrupt:
                command.interrupt()
                raise

    def _unmet(self, wanted: RequestedRelease, found: DeployedState) -> ReleaseNotRunningError:
        """Return the error for an upstream that does not run the requested release."""
        said = f"{found.environment} runs release {found.release.id} of commit {found.release.commit[:12]}"
        later = wanted.release in {each.release.id for each in found.proven} - {found.release.id} or (
            wanted.commit and is_ancestor(wanted.commit, found.release.commit, self.repository)
        )
        if later:
            return SupersededError(f"{said}, which has superseded {wanted.named()}: nothing is promoted.")
        return ReleaseNotRunningError(
            f"{said}, not {wanted.named()}. Deploy that there first, or promote what runs."
        )

    def _earlier_waves(self, target: str) -> tuple[WaveMember, ...]:
        """Read the environments of earlier waves, each once per command."""
        for environment in earlier_environments(self.ladder, target):
            if environment not in self.wave_members:
                self.say(f"{environment}: outputs …")
                self.wave_members[environment] = WaveMember(
                    environment=environment,
                    running=self.running(environment),
                    record=self.journal.record(environment),
                )
        return tuple(self.wave_members[each] for each in earlier_environments(self.ladder, target))

    def _is_older(self, release: ReleaseRef, running: DeployedState | None) -> bool:
        """Return whether the target runs a release that descends from this one."""
        if running is None or running.release.commit in ("", release.commit):
            return False
        return is_ancestor(release.commit, running.release.commit, self.repository)

    def _alarms(self, target: str) -> tuple[tuple[str, ...], str]:
        """Return the target's active alarms, and the problem if they cannot be read."""
        try:
            return self.alarms(target), ""
        except OperationFailed as failure:
            return (), str(failure)

    def _locks(self, stacks: Sequence[StackName]) -> tuple[dict[StackName, str], str]:
        """Return the holders of locks by stack, and the problem if they cannot be read."""
        try:
            return {stack: holder for stack in stacks if (holder := self.holder(stack))}, ""
        except BackendUnreadableError as error:
            return {}, str(error)

    def _problem(self, put_back: ReleaseRef, terms: PromotionOptions) -> str:
        """Return why a release could not be redeployed, or an empty text."""
        try:
            found = review(put_back.commit, self.branch, self.repository)
        except CheckoutError as failure:
            return str(failure)
        if found.on_branch or terms.allow_unreviewed:
            return ""
        return f"its commit {put_back.commit[:12]} is not on {found.branch}"


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Results of running a release's code; empty if it was not run."""

    previews: tuple[StackPreview, ...] = ()
    drift: DriftReport | None = None
    drift_failure: str | None = "nothing of the release is run before its commit is on the protected branch"
    fingerprints: Mapping[str, str] = field(default_factory=dict)


def _put_back(
    running: DeployedState | None, release: ReleaseRef, record: PromotionRecord
) -> ReleaseRef | None:
    """Return the last release verified in the target, except the given one and abandoned ones."""
    restorable = running.rollback_candidates if running else ()
    return next((each for each in restorable if each != release and each.id not in record.left), None)


def upstream(target: str, ladder: EnvironmentTree) -> str:
    """Return the upstream of `target`. Raises InvalidConfiguration or NothingToDeployError."""
    below = upstream_of(target, ladder)
    if below is None:
        raise NothingToDeployError(
            f"{target} is the lowest environment: nothing is promoted to it.\n"
            f"Deploy it: python scripts/deploy.py up --env {target} --verify"
        )
    return below


def rollback_release(found: DeployedState, record: PromotionRecord) -> ReleaseRef:
    """Return the release to go back to: the last verified one that does not run. Raises NothingToDeployError.

    What a rollback or a failure has left is passed over, until it was verified again. Where the environment
    may hold parts of two releases, it is what was verified last in any case.
    """
    for release in found.rollback_candidates:
        if release.id in record.left:
            continue
        if record.partially_deployed is not None or release != found.release:
            return release
    raise NothingToDeployError(
        f"No other release was verified in {found.environment} before {found.release.id}: "
        "there is none to go back to, but for what was given up there.\n"
        "Correct the code, and bring the correction up the ladder; or name a release with --to."
    )


def _named(found: DeployedState, to: str) -> ReleaseRef:
    matching = {release for release in found.rollback_candidates if release.id.startswith(to)}
    if len(matching) == 1:
        return matching.pop()
    known = ", ".join(dict.fromkeys(release.id for release in found.rollback_candidates)) or "none"
    raise NothingToDeployError(
        f"{len(matching) or 'No'} verified releases of {found.environment} begin with {to!r}. "
        f"There are: {known}."
    )


def _state(name: StackName, root: Path, command: EngineCommand) -> str:
    """Return the digest of a stack's state without its timestamp."""
    try:
        with translating(name.project, name.environment):
            result = command.run(
                ["stack", "export", "--stack", name.environment],
                str(project_directory(name.project, root)),
                {},
            )
    except StackMissing:
        return "none"
    deployment = json.loads(result.stdout)["deployment"]
    deployment.pop("manifest", None)
    return hashlib.sha256(json.dumps(deployment, sort_keys=True).encode()).hexdigest()
