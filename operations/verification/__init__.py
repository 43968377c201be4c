"""Proves that an environment processes payments: sends some of its own, and looks at what becomes of them.

alarms, both paths alike → probes (reserved ids) → verification queue → … → ledger, dead-letter queue
       → findings (pure) → Passed | Failed
"""

from operations.verification.outcome import Failed, NotVerifiable, Passed, Verification
from operations.verification.target import Target, target_of
from operations.verification.verify import verify

__all__ = ["Failed", "NotVerifiable", "Passed", "Target", "Verification", "target_of", "verify"]
