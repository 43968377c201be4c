"""Builds releases and keeps their manifests: what each of them is made of, to be looked up by its id.

Nothing depends on the manifests being there: a checkout of the commit makes the same release again.
"""

from operations.release.manifests import ManifestError, Manifests

__all__ = ["ManifestError", "Manifests"]
