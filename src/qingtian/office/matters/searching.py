"""Search 检索 in the words of matters, rare and common ones alike at once; and by the number of a paper."""

from __future__ import annotations

from qingtian.office import statements
from qingtian.office.matters import seeing, words
from qingtian.office.matters.seeing import Viewer

MOST = 2_000
"""Up to so many matters that have the words are looked up by their keys. Of more, the list is walked in its order until
a page is full, for then one in few matters has them."""

HITS = """
(SELECT matter_id, 'words' FROM matters_mattertext WHERE words @@ %(query)s::tsquery LIMIT %(most)s)
UNION ALL
(SELECT matter_id, 'guarded' FROM matters_mattertext WHERE guarded @@ %(query)s::tsquery LIMIT %(most)s)
UNION ALL
(SELECT matter_id, 'number' FROM matters_matterpaper WHERE number = %(number)s AND number <> '' LIMIT %(most)s)
"""
BRACKETS = str.maketrans("[(（［【])）］】", "〔〔〔〔〔〕〕〕〕〕")
"""Of a number 文号 people type the brackets that their keyboard has."""


SAID = """(SELECT t.matter_id FROM matters_mattertext t
    WHERE t.matter_id = m.id AND t.{where} @@ %(query)s::tsquery LIMIT 1)"""
"""A value of each row and no join: whatever it believes of the words, the planner walks along the list's index."""
FOUND = "m.id = ANY(%(found)s::bigint[])"
FULL = "m.code = ANY(%(full)s::text[])"
WALKED = f"({SAID.format(where='words')} IS NOT NULL OR {SAID.format(where='guarded')} IS NOT NULL AND {FULL})"


def condition(viewer: Viewer, search: str) -> tuple[str, dict[str, object]]:
    """Return the condition on a matter ``m`` that its words contain all of what is searched for, and its values.

    Words of facts that not everybody sees count only in kinds of which the person sees every fact. Whoever types the
    number of a paper 文号 wants the matter of that paper. One query.
    """
    wanted = words.query(search)
    if not wanted:
        return "false", {}
    number = "".join(search.split()).translate(BRACKETS)
    hits = statements.run(HITS, query=wanted, number=number, most=MOST)
    if numbered := [key for key, where in hits if where == "number"]:
        return FOUND, {"found": numbered}
    full = seeing.full_codes(viewer)
    if len(hits) >= MOST:
        return WALKED, {"query": wanted, "full": full}
    said = [key for key, where in hits if where == "words"]
    there = sorted({key for key, _ in hits})
    return f"{FOUND} AND (m.id = ANY(%(said)s::bigint[]) OR {FULL})", {"found": there, "said": said, "full": full}
