"""Asks an account, counts the calls, and keeps what could not be asked apart from an empty answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

Clients = Callable[[str], Any]
"""Service to its boto3 client in one account and region."""


@dataclass(kw_only=True)
class Account:
    """One account and region, as the reader role sees it."""

    clients: Clients
    calls: int = 0
    unanswered: dict[str, str] = field(default_factory=dict)
    """Question (`lambda:GetPolicy`) to why it was not answered."""
    _seen: dict[tuple[str, str, str], Any] = field(default_factory=dict, repr=False)

    def ask(self, service: str, operation: str, *, absent: tuple[str, ...] = (), **parameters: Any) -> Any:
        """Return the whole answer of a call, all pages of it; None if there is nothing, or no answer.

        Args:
            service: as boto3 spells it.
            operation: as boto3 spells its method.
            absent: error codes that mean that there is nothing.
            parameters: of the call.
        """
        key = (service, operation, repr(sorted(parameters.items())))
        if key not in self._seen:
            self._seen[key] = self._answer(service, operation, absent, parameters)
        return self._seen[key]

    def list(self, service: str, operation: str, member: str, **parameters: Any) -> list[Any]:
        """Return one member of an answer that is a list; empty if there is none."""
        answer = self.ask(service, operation, **parameters)
        return list((answer or {}).get(member) or [])

    def _answer(
        self, service: str, operation: str, absent: tuple[str, ...], parameters: dict[str, Any]
    ) -> Any:
        with self._noting(f"{service}:{operation}", absent):
            client = self.clients(service)
            if not client.can_paginate(operation):
                self.calls += 1
                return getattr(client, operation)(**parameters)
            pages = []
            for page in client.get_paginator(operation).paginate(**parameters):
                self.calls += 1
                pages.append(page)
            return _joined(pages)
        return None

    @contextmanager
    def _noting(self, question: str, absent: tuple[str, ...]) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] not in absent:
                self.unanswered.setdefault(question, str(error))
        except (BotoCoreError, NotImplementedError) as error:
            self.unanswered.setdefault(question, str(error))


def _joined(pages: list[dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for page in pages:
        for name, value in page.items():
            if isinstance(value, list):
                answer[name] = [*answer.get(name, []), *value]
            else:
                answer[name] = value
    return answer
