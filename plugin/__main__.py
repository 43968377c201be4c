"""The component plugin, which the engine starts for programs in any language."""

import sys
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

sys.path.insert(
    0, str(Path(__file__).resolve().parent.parent)
)  # the engine starts this folder, not a package

from plugin.payment_processor import NAME, NAMESPACE, VERSION, PaymentProcessor

if __name__ == "__main__":
    component_provider_host(name=NAME, namespace=NAMESPACE, version=VERSION, components=[PaymentProcessor])
