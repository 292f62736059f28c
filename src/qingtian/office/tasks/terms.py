"""What states, acts and fields of a task are called in the sentences that refuse something."""

from __future__ import annotations

from collections.abc import Mapping

from qingtian.base.errors import Term

STATES: Mapping[str, Term] = {
    "dispatched": Term(zh="已派发", en="dispatched"),
    "reassigned": Term(zh="已改派", en="reassigned"),
    "accepted": Term(zh="已接收", en="accepted"),
    "on_site": Term(zh="已到场", en="on site"),
    "reported": Term(zh="已报告，待审核", en="reported and waits for its review"),
    "returned": Term(zh="已退回", en="returned"),
    "reviewed": Term(zh="已审核", en="reviewed"),
    "closed": Term(zh="已办结", en="closed"),
    "merged": Term(zh="已合并", en="merged"),
}
ACTS: Mapping[str, Term] = {
    "accept": Term(zh="接收", en="accept"),
    "arrive": Term(zh="到场", en="arrive on site"),
    "report": Term(zh="报告", en="report"),
    "review": Term(zh="审核", en="review"),
    "return": Term(zh="退回", en="return"),
    "close": Term(zh="办结", en="close"),
    "reassign": Term(zh="改派", en="reassign"),
    "merge": Term(zh="合并", en="merge"),
}
FIELDS: Mapping[str, Term] = {
    "cause": Term(zh="原因", en="the cause"),
    "situation": Term(zh="现场情况", en="what you saw"),
    "measures": Term(zh="处置措施", en="what was done"),
    "opinion": Term(zh="审核意见", en="the opinion"),
    "reason": Term(zh="理由", en="the reason"),
    "to": Term(zh="改派对象", en="to whom"),
    "into": Term(zh="并入的任务", en="the task to merge into"),
}
