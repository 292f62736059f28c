"""The face of evidence packages: make one, list them, read one; `checking` proves one without any of this."""

from __future__ import annotations

from qingtian.office.evidence.access import content, package, packages
from qingtian.office.evidence.actions import MAY_MAKE, make_package
from qingtian.office.evidence.gathering import EvidenceNotReady
from qingtian.office.evidence.models import EvidencePackage

__all__ = ["MAY_MAKE", "EvidenceNotReady", "EvidencePackage", "content", "make_package", "package", "packages"]
