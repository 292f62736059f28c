"""What parsers of others (YAML, Jinja, typst) say of a text, in Chinese where it is known what they mean. Pure.

Their words are English and their own. What is not known here stays as they said it: better theirs than a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from qingtian.base.errors import Term

Said = Sequence[tuple[str, str]]
"""Patterns of what they say, with the Chinese for it; groups are put in, tokens by `TOKENS`."""

YAML: Said = (
    (r"mapping values are not allowed .*", "此处不应有冒号：上一行缺少引号，或者值里的冒号没有加引号"),
    (r"(?:block )?sequence entries are not allowed .*", "此处不应以“- ”开始一项：请另起一行并缩进"),
    (r"did not find expected ',' or '\]'.*|expected ',' or '\]', but got .*", "方括号没有写完：应为逗号或 ]"),
    (r"did not find expected ',' or '\}'.*|expected ',' or '\}', but got .*", "花括号没有写完：应为逗号或 }}"),
    (r"did not find expected key|expected <block end>, but found '<block mapping start>'", "缩进与上面各行不对齐"),
    (
        r"did not find expected '-' indicator|expected <block end>, but found '\?'",
        "列表之后不应直接写键：应为“- ”，或者退回缩进",
    ),
    (r"did not find expected node content|expected the node content, but found '(.+)'", "此处缺少内容"),
    (r"could not find expected ':'", "缺少冒号"),
    (r"found unexpected end of stream", "引号没有成对：到文件末尾也没有找到后一个"),
    (r"found character(?: '(.+)')? that cannot start any token", "不能以这个字符开头，请给整个值加引号"),
    (r"found unknown escape character(?: '(.+)')?", "双引号里的反斜杠后面是不认识的字符，请改用单引号"),
    (r"found undefined alias(?: '(.+)')?", "以 * 开头的值是引用，前面没有定义它；文字请加引号"),
    (r"found a tab character .*", "行首用了制表符，请改成空格"),
    (r"found duplicate anchor.*|second occurrence", "同一个锚点（&）写了两次"),
    (r"but found another document", "一个文件里写了两份内容（---），请只留一份"),
    (r"found unknown directive name|expected '<document start>', .*", "行首的 % 是指令，文字请加引号"),
    (r"(?:control|special) characters are not allowed", "有看不见的控制字符，请删去"),
)
JINJA: Said = (
    (
        r"Unexpected end of template\. .*following tags: (?P<tags>.+?)\. The innermost .* is '(?P<open>\w+)'\.",
        "写到末尾还没有结束：{open} 缺少 {tags}",
    ),
    (r"unexpected end of template, expected '(?P<token>.+)'\.", "写到末尾还缺少 {token}"),
    (r"expected token '(?P<token>.+)', got '(?P<got>.+)'", "应为 {token}，却是 {got}"),
    (r"Expected an expression, got '(?P<got>.+)'", "{got} 之前缺少内容"),
    (r"Encountered unknown tag '(?P<name>.+)'\..*", "不认识标签 {name}，或者它没有对应的开头"),
    (r"No filter named '(?P<name>.+)'\.", "没有名为 {name} 的过滤器"),
    (r"No test named '(?P<name>.+)'\.", "没有名为 {name} 的判断"),
    (r"unexpected char ['\"](?P<name>.+)['\"] at (?P<place>\d+)", "第 {place} 个字符“{name}”不认识，或者引号没有成对"),
    (r"unexpected '(?P<got>.+)', expected '(?P<token>.+)'", "括号没有成对：应为 {token}，却是 {got}"),
    (r"unexpected '(?P<got>.+)'", "多出了 {got}"),
    (r"Missing end of comment tag", "注释缺少结尾 #}}"),
    (r"tag name expected", "{{% 之后缺少标签名"),
    (r"'(?P<name>.+)' is undefined", "{name} 没有定义"),
    (r"'.+' has no attribute '(?P<name>.+)'", "没有 {name} 这一项"),
    (r"division by zero|\[<class 'decimal.DivisionByZero'>\]", "除以零"),
)
TYPST: Said = (
    (r"unknown variable: (?P<name>.+)", "没有定义 {name}"),
    (r"expected (?P<token>.+), found (?P<got>.+)", "应为 {token}，却是 {got}"),
    (r"expected (?P<token>[^,]+)", "缺少{token}"),
    (r"unclosed delimiter", "括号没有成对"),
    (r"unclosed string", "引号没有成对"),
    (r"unexpected end of (?:file|block)", "没有写完"),
    (r"file not found \(searched at (?P<name>.+)\)", "没有文件 {name}"),
    (r'dictionary does not contain key "(?P<name>.+?)".*', "数据里没有 {name}"),
    (r"missing argument: (?P<name>.+)", "缺少参数 {name}"),
    (r"unexpected argument: (?P<name>.+)", "多出参数 {name}"),
    (r"cannot divide by zero", "除以零"),
    (r"failed to load PDF \(page (?P<place>\d+) does not exist.*", "PDF 没有第 {place} 页"),
    (r"failed to load PDF .*", "PDF 损坏或者加了密码"),
    (r"failed to (?:load|decode) image.*", "图片损坏"),
)
TOKENS: Mapping[str, str] = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of print statement": "{{",
    "begin of statement block": "{%",
    "end of template": "末尾",
    "name": "名称",
    "expression": "表达式",
    "pattern": "名称",
    "integer": "整数",
    "string": "文字",
    "content": "内容",
    "array": "列表",
    "dictionary": "字典",
    "none": "空值",
}


def of_yaml(problem: str, *, column: int | None) -> Term:
    """Return what is wrong with YAML; ``column`` counts from 0."""
    found = _said(YAML, problem)
    if column is None:
        return found
    return Term(zh=f"第 {column + 1} 列：{found.zh}", en=f"column {column + 1}: {found.en}")


def of_jinja(problem: str) -> Term:
    """Return what is wrong with a text with placeholders, or why it cannot be filled in."""
    return _said(JINJA, problem)


def of_typst(problem: str) -> Term:
    """Return why something cannot be set."""
    return _said(TYPST, problem)


def _said(known: Said, problem: str) -> Term:
    for pattern, zh in known:
        if found := re.fullmatch(pattern, problem, re.DOTALL):
            return Term(zh=zh.format(**_worded(found.groupdict())), en=problem)
    return Term(zh=problem, en=problem)


def _worded(groups: Mapping[str, str | None]) -> dict[str, str]:
    return {name: _listed(TOKENS.get(text or "", text or "")) for name, text in groups.items()}


def _listed(text: str) -> str:
    return text.replace("'", "").replace(" or ", "、")
