"""Payments from a queue into a ledger, exactly once in effect, with notifications."""

from components.payment_processor.function import NetworkAttachment
from components.payment_processor.processor import PaymentProcessor, PaymentProcessorArgs
from components.payment_processor.rules import PaymentRules

__all__ = ["NetworkAttachment", "PaymentProcessor", "PaymentProcessorArgs", "PaymentRules"]
