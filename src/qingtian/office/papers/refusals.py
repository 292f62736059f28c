"""Why a paper cannot be made, each with what to do."""

from __future__ import annotations

from qingtian.base.errors import QingtianError


class TextRefused(QingtianError):
    code = "papers.text_refused"
    zh = (
        "文书 {paper}（事项 {kind}）的文字无法填写：{why}。没有生成文件，已办理的事项不受影响。"
        "请用 qingtian check 检查并更正 papers.yaml，之后会自动补制。"
    )
    en = (
        "The text of the paper {paper!r} (kind {kind}) cannot be filled in: {why}. No file was made, and what was done "
        "stands. Run qingtian check, correct papers.yaml, and it will be made then."
    )


class TemplateRefused(QingtianError):
    code = "papers.template_refused"
    zh = (
        "文书 {paper}（事项 {kind}）的 Word 模板无法填写：{why}。没有生成文件，已办理的事项不受影响。"
        "请用 qingtian check 检查并更正 papers/{paper}.docx，之后会自动补制。"
    )
    en = (
        "The Word template of the paper {paper!r} (kind {kind}) cannot be filled in: {why}. No file was made, and what "
        "was done stands. Run qingtian check, correct papers/{paper}.docx, and it will be made then."
    )
