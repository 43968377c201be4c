"""The ARNs of the declared processors' parts, as the payments project names them."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.placement import Placement


@dataclass(frozen=True, kw_only=True)
class ProcessorParts:
    """Parts of all processors of one environment."""

    placement: Placement
    processors: Sequence[str]

    @property
    def tables(self) -> list[str]:
        """The ledgers."""
        return self._arns("dynamodb", "table", "table/")

    @property
    def queues(self) -> list[str]:
        """The request queues."""
        return self._arns("sqs", "queue")

    @property
    def dead_letter_queues(self) -> list[str]:
        """The queues of requests that failed too often."""
        return self._arns("sqs", "dead-letter-queue")

    @property
    def verification_queues(self) -> list[str]:
        """The request queues of synthetic payments."""
        return self._arns("sqs", "verification-queue")

    @property
    def verification_dead_letter_queues(self) -> list[str]:
        """The queues of synthetic payments that failed too often."""
        return self._arns("sqs", "verification-dead-letter-queue")

    @property
    def all_queues(self) -> list[str]:
        """Every queue, with those of synthetic payments."""
        return [
            *self.queues,
            *self.dead_letter_queues,
            *self.verification_queues,
            *self.verification_dead_letter_queues,
        ]

    @property
    def notification_topics(self) -> list[str]:
        """The topics of payment notifications."""
        return self._arns("sns", "notification-topic")

    @property
    def topics(self) -> list[str]:
        """The topics of payment notifications and of alarms."""
        return [*self.notification_topics, *self._arns("sns", "alarm-topic")]

    @property
    def functions(self) -> list[str]:
        """The payment functions."""
        return self._arns("lambda", "function", "function:")

    @property
    def key_aliases(self) -> list[str]:
        """The aliases of the processors' keys."""
        return [f"alias/{self.placement.names(f'{name}-key')}" for name in self.processors]

    def _arns(self, service: str, noun: str, prefix: str = "") -> list[str]:
        names = self.placement.names
        return [self.placement.arn(service, f"{prefix}{names(f'{name}-{noun}')}") for name in self.processors]
