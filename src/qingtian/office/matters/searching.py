"""Search 检索 in the words of matters, rare and common ones alike at once; and by the number of a paper."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery
from django.db.models import OuterRef, Q, QuerySet, Subquery

from qingtian.office import statements
from qingtian.office.matters import seeing, words
from qingtian.office.matters.models import Matter, MatterText
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


def found(rows: QuerySet[Matter], viewer: Viewer, search: str) -> QuerySet[Matter]:
    """Keep the matters whose words contain all of what is searched for. One query, besides that of the rows.

    Words of facts that not everybody sees count only in kinds of which the person sees every fact. Whoever types the
    number of a paper 文号 wants the matter of that paper.
    """
    wanted = words.query(search)
    if not wanted:
        return rows.none()
    number = "".join(search.split()).translate(BRACKETS)
    hits = statements.run(HITS, query=wanted, number=number, most=MOST)
    numbered = [key for key, where in hits if where == "number"]
    if numbered:
        return rows.filter(pk__in=numbered)
    full = seeing.full_codes(viewer)
    if len(hits) < MOST:
        seen = [key for key, where in hits if where == "words"]
        return rows.filter(Q(pk__in=seen) | Q(code__in=full), pk__in={key for key, _ in hits})
    query = SearchQuery(wanted, config="simple", search_type="raw")
    texts = MatterText.objects.filter(matter=OuterRef("pk"))
    # a value of each row and no join: whatever it believes of the words, the planner walks along the list's index
    walked = rows.alias(
        said=Subquery(texts.filter(words=query).values("pk")[:1]),
        hidden=Subquery(texts.filter(guarded=query).values("pk")[:1]),
    )
    return walked.filter(Q(said__isnull=False) | Q(hidden__isnull=False, code__in=full))
