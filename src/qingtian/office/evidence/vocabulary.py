"""Words of the report 报告用语: what a court reads in Chinese for the codes of the registers."""

from __future__ import annotations

LEVELS = {
    "screening": "预警提示（实时或分钟数据）",
    "period": "疑似超标（本时段数据，未核有效性）",
    "confirmed": "经有效性审核的时段均值超过限值",
    "suspicion": "疑点（数据异常的线索，不构成结论）",
    "capture": "数据捕集率不足（月、季度有效数据）",
    "quality": "质控逾期或不合格（校准、核查、比对）",
}
SUPPORTS = {
    "penalty": "本项数据经有效性审核，限值出处已核对，可供执法机关调查取证使用；是否构成违法，由执法机关依法认定。",
    "confirmed": "本项数据经有效性审核，但限值或判定标准只支持预警，不能单独作为行政处罚的依据。",
    "period": "本项为疑似超标，须核实数据有效性后方可认定。",
    "screening": "本项为预警提示，不作为执法认定依据。",
    "suspicion": "本项为疑点提示，须经现场核查，不作为执法认定依据。",
    "quality": "本项为质控管理提示；不合格起至下次合格止的数据不作超标判定。",
    "capture": "本项按已结束各日的有效小时计算，反映监测与传输是否正常，不涉及排放是否超标。",
}
PERIODS = {"instant": "瞬时", "5min": "五分钟", "hour": "小时", "day": "日", "month": "月", "quarter": "季度"}
TAKEN_BACK = "该认定已被补传或更正的数据、标记或方案取代，现已撤销，不得作为执法依据；本包仅供查证经过。"
EVENTS = {"opened": "发现", "worsened": "加重", "closed": "结束", "superseded": "撤销"}
BASES = {"standard": "排放标准", "permit": "排污许可证"}
CERTAINTIES = {"read": "已读原文", "memory": "凭记忆录入，须核对原文", "default": "本系统默认"}
SURENESS = {"high": "把握较大", "medium": "把握一般", "low": "把握较小"}
ACTS = {
    "episode_opened": "预警产生",
    "episode_reopened": "预警再次发生",
    "episode_worsened": "预警升级",
    "episode_continued": "预警持续",
    "episode_recovered": "预警恢复",
    "episode_superseded": "预警撤销",
    "acknowledge": "值班签收",
    "confirm": "企业确认",
    "explain": "企业说明",
    "close_episode": "预警办结",
    "dispatch": "派发任务",
    "accept": "接收任务",
    "arrive": "到达现场",
    "report": "现场报告",
    "review": "审核通过",
    "send_back": "退回",
    "close": "任务办结",
    "reassign": "改派",
    "merge": "合并",
    "escalate": "超时升级",
    "take_in": "并入重复任务",
    "worsen": "预警升级",
    "explain_suspicion": "疑点解释",
    "look_into": "转核查",
    "make_evidence": "制作证据包",
}


def said_of(source: str) -> str:
    """Say in words what a source says in a tag: how sure somebody was who wrote it from memory."""
    for tag, words in SURENESS.items():
        source = source.replace(f"[memory:{tag}]", f"凭记忆（{words}）")
    return source
