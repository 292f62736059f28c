"""The face of case files: see one, take its parts, file it away, prove what was filed."""

from __future__ import annotations

from qingtian.office.casefiles.access import FILED, CaseFile, Filed, case_file
from qingtian.office.casefiles.actions import NotToBeFiled, file_away, may_file
from qingtian.office.casefiles.binding import FileEmpty, FileTooLarge
from qingtian.office.casefiles.contents import Item, Leaf, Volume, by_place
from qingtian.office.casefiles.downloads import BOUND, CONTENTS, download
from qingtian.office.casefiles.proving import Known, known, prove_filed

__all__ = [
    "BOUND",
    "CONTENTS",
    "FILED",
    "CaseFile",
    "FileEmpty",
    "FileTooLarge",
    "Filed",
    "Item",
    "Known",
    "Leaf",
    "NotToBeFiled",
    "Volume",
    "by_place",
    "case_file",
    "download",
    "file_away",
    "known",
    "may_file",
    "prove_filed",
]
