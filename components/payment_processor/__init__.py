"""Payments from a queue into a ledger, exactly once in effect, with notifications."""

from components.payment_processor.function import NetworkAttachment
from components.payment_processor.processor import PaymentProcessor, PaymentProcessorArgs

__all__ = ["NetworkAttachment", "PaymentProcessor", "PaymentProcessorArgs"]
