"""What the engine is doing to a stack right now, told from its events."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

from operations.engine.failure import StackName
from operations.engine.refusal import Refusal, refusal_of

_PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A moment of an operation: `done` resources are through; `current` is the one that was last begun."""

    stack: StackName
    phase: str
    done: int = 0
    current: str = ""


Watch = Callable[[Activity], None]


class Events:
    """Listens to one command of the engine; keeps its steps and their count, and passes its progress on."""

    def __init__(self, stack: StackName, phase: str, watch: Watch) -> None:
        self._stack, self._phase, self._watch = stack, phase, watch
        self._done, self._current = 0, ""
        self.changes: Mapping[str, int] = {}
        self.step_events: list[StepEventMetadata] = []
        self._refusal: Refusal | None = None
        self._tell()

    def refusal(self) -> Refusal | None:
        """Return what the promotion gate refused the command with."""
        return self._refusal

    def take(self, event: EngineEvent) -> None:
        """Hears one event."""
        self._refusal = self._refusal or refusal_of(event)
        if event.resource_pre_event is not None:
            step = event.resource_pre_event.metadata
            self.step_events.append(step)
            self._current = f"{step.op.value} {step.urn.rsplit('::', 1)[-1]}"
            if step.op.value != "same":
                self._tell()
        elif event.res_outputs_event is not None:
            if not event.res_outputs_event.metadata.type.startswith(_PROVIDERS):
                self._done += 1
                self._tell()
        elif event.summary_event is not None:
            changes = event.summary_event.resource_changes
            counts = Counter({getattr(op, "value", op): count for op, count in changes.items()})
            self.changes = dict(counts - self._of_providers())

    def _of_providers(self) -> Counter[str]:
        """Changes of providers, which are none of the account: another role, or another version."""
        steps = [step for step in self.step_events if step.type.startswith(_PROVIDERS)]
        return Counter(step.op.value for step in steps if step.op.value == "update")

    def _tell(self) -> None:
        self._watch(Activity(stack=self._stack, phase=self._phase, done=self._done, current=self._current))
