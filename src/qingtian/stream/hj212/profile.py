"""What a device is allowed 设备档案: a verdict for each deviation, and what is known of it beyond its packets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qingtian.base.errors import QingtianError
from qingtian.stream.hj212.deviations import DEVIATIONS, Level, Verdict
from qingtian.stream.hj212.editions import Edition


class UnknownDeviation(QingtianError):
    code = "hj212.unknown_deviation"
    zh = (
        "没有名为 {name} 的偏离代码，或 {verdict} 不是 accept、record、refuse 之一。"
        "请对照 docs/hj212.md 的表更正设备档案。"
    )
    en = (
        "There is no deviation {name}, or {verdict} is none of accept, record, refuse. "
        "Correct the device profile by the table in docs/hj212.md."
    )


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A device's profile.

    ``verdicts``: only those that differ from the usual. ``edition``: if known better than the Flag tells. ``key``: SM4,
    16 bytes, of 2025. ``units``: factor name as sent → unit as sent (see `quantities`).
    """

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    edition: Edition | None = None
    key: bytes | None = field(default=None, repr=False)
    units: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, code: str) -> Verdict:
        return self.verdicts.get(code, DEVIATIONS[code].usual)

    def refused(self, codes: Iterable[str]) -> str | None:
        """Return the first of these deviations that is refused."""
        return next((code for code in codes if self.verdict(code) is Verdict.REFUSE), None)

    def recorded(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Return those of these deviations that count."""
        return tuple(code for code in codes if self.verdict(code) is not Verdict.ACCEPT)


def verdicts_from(words: Mapping[str, str]) -> dict[str, Verdict]:
    """Return verdicts from code → ``accept``, ``record`` or ``refuse``.

    :raises UnknownDeviation: if a code or a word is none.
    """
    known = {verdict.value: verdict for verdict in Verdict}
    for name, word in words.items():
        if name not in DEVIATIONS or word not in known:
            raise UnknownDeviation(name=name, verdict=word)
    return {name: known[word] for name, word in words.items()}


USUAL = Profile()
"""Accepts what loses no information."""

# what the strict frame reader takes without a word
_STRICT_READER_TAKES = {
    "checksum_lower_case",
    "short_length",
    "missing_crlf",
    "lf_only",
    "stars",
    "glued",
    "oversize_segment",
}

STRICT = Profile(
    verdicts={
        code: Verdict.REFUSE
        for code, deviation in DEVIATIONS.items()
        if deviation.level is Level.FRAME and code not in _STRICT_READER_TAKES
    }
)
"""Accepts the frames that the strict reader accepts, and no more."""
