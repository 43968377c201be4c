"""Reads the evidence for a promotion or a rollback: outputs, records, previews, drift, fingerprints.

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
"""Compares source and target, by the code at a root. Raises OperationFailed."""


@dataclass(frozen=True, kw_only=True)
class RequestedRelease:
    """The release that is to be promoted, where somebody names it."""

    release: str = ""
    """Its id."""
    commit: str = ""
    """Its commit, in full."""

    def named(self) -> str:
        """The release in words."""
        return f"release {self.release}" if self.release else f"commit {self.commit[:12]}"

    def is_met(self, release: ReleaseRef) -> bool:
        """Whether it is this release."""
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
    """Reads from `repository`'s environments; each release is previewed from its own checkout."""

    repository: Path
    ladder: EnvironmentTree
    journal: Journal
    checkouts: Checkouts
    projects: tuple[str, ...]
    """Those that are deployed, in their order."""
    command: EngineCommand
    """The engine, whose programs work as the reader of their environment."""
    policy_pack: Path
    """What judges the previews: of this checkout, never of the release."""
    branch: str
    """The protected branch."""
    drift: Drift
    clock: Callable[[], datetime]
    alarms: Callable[[str], tuple[str, ...]] = lambda _: ()
    """The alarms that are on in an environment. Raises OperationFailed."""
    holder: Callable[[StackName], str | None] = lambda _: None
    """Who holds a stack's lock; None where nobody does. Raises BackendUnreadableError."""
    say: Callable[[str], None] = lambda _: None
    """Hears what is being read."""
    files: BackendFiles | None = None
    """The state backend's files; None if it is a service."""
    wave_members: dict[str, WaveMember] = field(default_factory=dict)
    """What was read of environments of earlier waves."""

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
        """Of going back to a release that was verified there: the latest, or the one whose id begins so."""
        found = self.running(environment)
        record = self.journal.record(environment)
        if found is None:
            raise NothingToDeployError(f"{environment} is not deployed: there is nothing to roll back.")
        release = rollback_release(found, record) if to is None else _named(found, to)
        return self._read(environment, environment, release, found, found, terms)

    def running(self, environment: str) -> DeployedState | None:
        """What runs in an environment."""
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
        """What there is to see only by running the release's code."""
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
        """Preview and state's digest of each stack; all at once: most of it is waiting for the cloud."""
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
        """Why the upstream does not run what is wanted."""
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
        """The environments of earlier waves; each is read once for all targets of a command."""
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
        """Whether the target runs a release that descends from this one."""
        if running is None or running.release.commit in ("", release.commit):
            return False
        return is_ancestor(release.commit, running.release.commit, self.repository)

    def _alarms(self, target: str) -> tuple[tuple[str, ...], str]:
        """The target's alarms that are on; and why they can't be read, or nothing."""
        try:
            return self.alarms(target), ""
        except OperationFailed as failure:
            return (), str(failure)

    def _locks(self, stacks: Sequence[StackName]) -> tuple[dict[StackName, str], str]:
        """Who holds which stack; and why that can't be told, or nothing."""
        try:
            return {stack: holder for stack in stacks if (holder := self.holder(stack))}, ""
        except BackendUnreadableError as error:
            return {}, str(error)

    def _problem(self, put_back: ReleaseRef, terms: PromotionOptions) -> str:
        """Why a release could not be deployed again, or nothing."""
        try:
            found = review(put_back.commit, self.branch, self.repository)
        except CheckoutError as failure:
            return str(failure)
        if found.on_branch or terms.allow_unreviewed:
            return ""
        return f"its commit {put_back.commit[:12]} is not on {found.branch}"


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What running a release's code has shown; nothing of it where none was run."""

    previews: tuple[StackPreview, ...] = ()
    drift: DriftReport | None = None
    drift_failure: str | None = "nothing of the release is run before its commit is on the protected branch"
    fingerprints: Mapping[str, str] = field(default_factory=dict)


def _put_back(
    running: DeployedState | None, release: ReleaseRef, record: PromotionRecord
) -> ReleaseRef | None:
    """What was verified last in the target, other than the release itself and what was given up there."""
    restorable = running.rollback_candidates if running else ()
    return next((each for each in restorable if each != release and each.id not in record.left), None)


def upstream(target: str, ladder: EnvironmentTree) -> str:
    """The environment that `target` is promoted from. Raises InvalidConfiguration, NothingToDeployError."""
    below = upstream_of(target, ladder)
    if below is None:
        raise NothingToDeployError(
            f"{target} is the lowest environment: nothing is promoted to it.\n"
            f"Deploy it: python scripts/deploy.py up --env {target} --verify"
        )
    return below


def rollback_release(found: DeployedState, record: PromotionRecord) -> ReleaseRef:
    """The release to go back to: what was verified last, and is not what runs. Raises NothingToDeployError.

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
    """Digest of all that the engine knows of a stack, but for the time at which it wrote it down."""
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
