"""What can be wrong with a kind of matter: one table from code to sentence, with file and line (for `qingtian check`).

Every sentence says what is wrong and what to do; it is written for the clerk who edits the folder, in one language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qingtian.base.errors import QingtianError, Term

SENTENCES: Mapping[str, tuple[str, str]] = {
    # the files
    "file_missing": (
        "缺少文件 {name}。请从相近的事项复制一份再改。",
        "{name} is missing. Copy it from a similar kind and edit it.",
    ),
    "file_unknown": (
        "文件 {name} 不属于事项定义，机器不会读它。请删除，或改成：{known}。",
        "{name} is no file of a kind; nothing reads it. Delete it, or name it one of: {known}.",
    ),
    "not_yaml": (
        "无法读取：{why}。请检查缩进、冒号和引号。",
        "This cannot be read as YAML: {why}. Check indents, colons and quotes.",
    ),
    "tab_in_yaml": (
        "缩进或行中用了制表符（Tab），YAML 不认。请全部改成空格。",
        "There is a tab in this line, which YAML does not take. Use spaces.",
    ),
    "not_utf8": (
        "不是 UTF-8 编码的文字。请用编辑器另存为 UTF-8（记事本：另存为，编码选 UTF-8）。",
        "This is no text in UTF-8. Save it again with the encoding UTF-8.",
    ),
    "key_twice": (
        "“{key}”写了两次，后一次会盖掉前一次。请删去一处。",
        "{key!r} is given twice; the second hides the first. Delete one.",
    ),
    "key_missing": ("{where} 缺少“{key}”。请补上。", "{where} has no {key!r}. Add it."),
    "none_of_keys": ("{where} 没有写下列任何一项：{known}。请写一项。", "{where} has none of: {known}. Write one."),
    "key_unknown": ("{where} 不认识“{key}”。可用的有：{known}。", "{where} has no use for {key!r}. It knows: {known}."),
    "wrong_shape": (
        "{where} 应为{should_zh}，现在是 {found}。请改正。",
        "{where} should be {should_en}, and is {found}. Correct it.",
    ),
    "not_one_of": (
        "{where} 为“{found}”，应为其中之一：{known}。",
        "{where} is {found!r}; it has to be one of: {known}.",
    ),
    # the manifest
    "code_not_folder": (
        "编码 {code} 与文件夹名 {folder} 不符。文件夹应名为 {code}，或 {code}_ 加版本说明；"
        "若文件夹是复制来的，请把编码改为文件夹名。",
        "The code {code!r} does not fit the folder {folder!r}. "
        "Name the folder {code}, or {code}_ and what the version is; in a copied folder, change the code.",
    ),
    "validity_reversed": (
        "有效期止于 {end}，不晚于开始日 {start}。请改正。",
        "The validity ends on {end}, not after its start {start}. Correct it.",
    ),
    "setting_out_of_bounds": (
        "设定 {setting} 的默认值 {value} 不在 {least}～{most} 之内。请改正默认值或范围。",
        "The default {value} of the setting {setting!r} is not within {least} to {most}. Correct it, or the bounds.",
    ),
    "versions_overlap": (
        "与 {other} 同为事项 {code}，有效期重叠。请给其中一个填写截止日。",
        "{other} is also {code!r}, and both are valid on the same days. Give one of them an end.",
    ),
    "version_twice": (
        "{other} 已用了事项 {code} 的版本 {version}。请换一个版本号。",
        "{other} has version {version} of {code!r} already. Choose another version.",
    ),
    "basis_gap": (
        "自 {day} 起没有有效的法律依据。请补充依据，或缩短有效期。",
        "From {day} on no law of the basis is in force. Add the basis, or shorten the validity.",
    ),
    "dates_in_law": (
        "法律依据“{law}”把施行日期写进了引号里，日期不起作用。请把引号移到日期之前。",
        "The law {law!r} has its dates inside the quotes, where nobody reads them. Close the quotes before them.",
    ),
    "not_opened_from": (
        "行为“{act}”开启事项 {kind}，但 {kind} 的 opens.from 没有 {code}。请在那里补上，或删去这一后果。",
        "The act {act!r} opens the kind {kind}, whose `opens.from` "
        "does not name {code}. Add it there, or drop the effect.",
    ),
    "rules_refused": (
        "参数表“{name}”不可用：{why}。请补上 source，并核对日期。",
        "The table of parameters {name!r} cannot be used: {why} Give each row a source, and check the dates.",
    ),
    # names
    "unknown_name": (
        "{where} 用到的{what_zh}“{name}”没有定义。相近的有：{near}。请改名或补充定义。",
        "{where} uses the {what_en} {name!r}, which is not defined. "
        "The nearest are: {near}. Correct the name or define it.",
    ),
    "unused": (
        "{what_zh}“{name}”定义了但没有用到。请使用它，或删除。",
        "The {what_en} {name!r} is defined and never used. Use it or delete it.",
    ),
    "words_missing": (
        "words.yaml 的 {section} 缺少“{name}”的中英文。请补上 {{zh: …, en: …}}。",
        "words.yaml has no words for {name!r} under {section}. Add {{zh: …, en: …}}.",
    ),
    "words_unused": (
        "{section} 中的“{name}”没有对应的定义。请改名或删除。",
        "{section} has words for {name!r}, which does not exist. Rename or delete them.",
    ),
    "guard_circle": (
        "条件“{name}”绕了一圈又依据自己。请改写其中一个。",
        "The guard {name!r} rests on itself in the end. Rewrite one of the circle.",
    ),
    # the graph
    "no_opening": (
        "没有任何行为可以开启事项。请把一个行为的 from 写成 nothing。",
        "No act opens the matter. Give one act `from: nothing`.",
    ),
    "no_end": (
        "没有终局阶段。请把至少一个阶段标为 end: true。",
        "No stage is an end. Mark at least one with `end: true`.",
    ),
    "unreachable": (
        "阶段“{stage}”从开启行为走不到。请加一个通向它的行为，或删除。",
        "The stage {stage!r} cannot be reached from the opening. Add an act that leads to it, or delete it.",
    ),
    "dead_end": (
        "阶段“{stage}”走不到任何终局。请加一个离开它的行为，或标为 end: true。",
        "From the stage {stage!r} no end can be reached. Add an act that leaves it, or mark it `end: true`.",
    ),
    "act_from_end": (
        "行为“{act}”从终局阶段“{stage}”出发，永远不会发生。请改 from。",
        "The act {act!r} starts from the end {stage!r} and can never happen. Correct `from`.",
    ),
    "opening_by": (
        "开启行为“{act}”不写 by：谁可以开启由 manifest.yaml 的 opens 决定。请删除。",
        "The opening act {act!r} may not say `by`: `opens` in manifest.yaml decides. Delete it.",
    ),
    "nobody_may": ("行为“{act}”没有写由谁做。请补上 by。", "The act {act!r} does not say who may do it. Add `by`."),
    # facts, papers, people
    "fact_too_late": (
        "行为“{act}”需要事实“{fact}”，但在它之前没有行为填写这个事实。请在更早的行为里填写。",
        "The act {act!r} needs the fact {fact!r}, and no act before it asks for it. Ask for it earlier.",
    ),
    "number_asked": (
        "事实“{fact}”是文书的编号，由制作文书的行为自动填写；行为“{act}”不应再要求填写。请从 ask 或 may 中删去。",
        "The fact {fact!r} is a paper's number and comes with the act that makes the paper; the act {act!r} asks for "
        "it. Take it out of `ask` or `may`.",
    ),
    "number_of_brought": (
        "事实“{fact}”应为文书“{paper}”的编号，但没有行为制作这份文书，本机关不给它编号。"
        "请写一份本机关制作的文书，或删去 number_of，由人填写。",
        "The fact {fact!r} should be the number of {paper!r}, but no act makes that paper, so it gets none here. Name "
        "a paper that is made, or delete `number_of` and let it be typed.",
    ),
    "number_of_unnumbered": (
        "事实“{fact}”应为文书“{paper}”的编号，但副卷文书没有文种代字就不编号。请给文书写上 mark。",
        "The fact {fact!r} should be the number of {paper!r}, but a paper of the side volume without a mark gets none. "
        "Give the paper a `mark`.",
    ),
    "chosen_from_what": (
        "事实“{fact}”的 chosen_from 里“{name}”不是“事项.文书”的写法。请写成如 penalty.decision。",
        "{name!r} in `chosen_from` of the fact {fact!r} is not a kind and a paper. Write it as penalty.decision.",
    ),
    "computed_how": (
        "事实“{fact}”的 computed 写得不对：没有这种算法、没有这个 part，或者所据事实的个数不符。算法有：{known}。",
        "`computed` of the fact {fact!r} is wrong: no such computation or part, or not as many facts as it takes. "
        "Computations are: {known}.",
    ),
    "computed_asked": (
        "事实“{fact}”是算出来的，行为“{act}”不应要求填写。请从 ask 或 may 中删去，写进 compute。",
        "The fact {fact!r} is computed; the act {act!r} asks for it. Move it from `ask` or `may` to `compute`.",
    ),
    "computes_what": (
        "行为“{act}”要算事实“{fact}”，但它没有写 computed。请写明怎样算，或从 compute 中删去。",
        "The act {act!r} computes the fact {fact!r}, which has no `computed`. Say how, or take it out of `compute`.",
    ),
    "table_unknown": (
        "事实“{fact}”的 table 指向规则表“{rule}”，没有这张表。请写 rules 里的表名，如 file_review/items。",
        "The `table` of the fact {fact!r} names {rule!r}, which is no table of the rules. Write one as "
        "file_review/items.",
    ),
    "pattern_without_sequence": (
        "文书“{paper}”的编号格式没有 {{sequence}}，各份文书会同号。请写上流水号。",
        "The number of the paper {paper!r} has no {{sequence}}, so all of them would be the same. Put it in.",
    ),
    "pattern_unknown": (
        "文书“{paper}”的编号格式里“{name}”没有来源。可用 district、year、sequence，或者在 letters 里写明的选择类事实。",
        "Nothing stands for {name!r} in the number of the paper {paper!r}. Name district, year, sequence, or a choice "
        "whose letters stand in `letters`.",
    ),
    "pattern_letters": (
        "文书“{paper}”的 letters 与事实“{name}”的选项不一致。请为每个选项写一个字母。",
        "The `letters` of the paper {paper!r} are not those of the options of {name!r}. Give each option its letter.",
    ),
    "paper_too_late": (
        "行为“{act}”需要文书“{paper}”，但在它之前没有行为制作或收到它。请在更早的行为里制作。",
        "The act {act!r} needs the paper {paper!r}, and no act before it makes or brings it. Make it earlier.",
    ),
    "filler_never_acts": (
        "事实“{fact}”由 {roles} 填写，但填写它的行为“{act}”由 {by} 做。请让两处一致。",
        "The fact {fact!r} is filled by {roles}, but the act "
        "{act!r} that asks for it is done by {by}. Make them agree.",
    ),
    "choice_without_options": (
        "选项事实“{fact}”没有 options。请列出可选的值。",
        "The choice {fact!r} has no `options`. List them.",
    ),
    "help_without_law": (
        "事实“{fact}”没有写填写说明的法律依据。请补上 law。",
        "The fact {fact!r} does not say which law asks for it. Add `law`.",
    ),
    "role_never_assigned": (
        "角色“{role}”须经指派（assigned: true），但没有行为指派它。请在某个行为写 assigns。",
        "The role {role!r} has to be assigned, and no act assigns it. Add `assigns` to an act, or drop `assigned`.",
    ),
    "separation_of_one": (
        "分离规则只写了一个角色，没有意义。请写两个以上。",
        "A separation of one role says nothing. Name two or more.",
    ),
    # the texts of papers
    "text_unreadable": (
        "{where} 的文字无法读取：{why}。请检查 {{{{ }}}} 和 {{% %}} 是否成对、写法是否正确。",
        "The text of {where} cannot be read: {why}. Check that {{{{ }}}} and {{% %}} come in pairs.",
    ),
    "placeholder_unknown": (
        "{where} 的文字用到“{name}”，文书 {paper} 不认识它。相近的有：{near}。请改名，或在 shows 中写上这项事实。",
        "The text of {where} names {name!r}, which the paper {paper!r} does not know. "
        "The nearest are: {near}. Correct the name, or let the paper show that fact.",
    ),
    "fact_not_shown": (
        "{where} 的文字用到事实“{name}”，但文书 {paper} 的 shows 没有列出它，无权知晓的人会看到。请补进 shows 或删去。",
        "The text of {where} names the fact {name!r}, which the paper {paper!r} does not list under `shows`: "
        "who may not see it would. Add it to `shows`, or take it out.",
    ),
    "fact_named_as_house": (
        "文书 {paper} 列出的事实“{fact}”与文书固有的名称同名，文字里分不清。请给事实改名。",
        "The paper {paper!r} shows a fact named {fact!r}, which every paper knows as something else. Rename the fact.",
    ),
    "template_unreadable": (
        "模板不是可以读取的 Word 文件（.docx）：{why}。请用 Word 另存为 .docx 后重试。",
        "The template cannot be read as a Word file (.docx): {why}. Save it from Word as .docx and try again.",
    ),
    "template_without_paper": (
        "模板 {name} 没有对应的文书。请改名为“文书名.docx”，相近的有：{near}；或删除。",
        "The template {name!r} is for no paper. Name it after one, with .docx (near: {near}), or delete it.",
    ),
    "template_left_out": (
        "模板中有 {what}（图片、对象、脚注或批注），不会出现在 PDF 中，两份会不一致。请删去。",
        "The template holds a {what} (picture, object or note), which the PDF would not have. Take it out.",
    ),
    # clocks
    "unknown_clock": (
        "{where} 用到的期限 {clock} 不在 97 条期限之中。相近的有：{near}。用 qingtian law clocks 查看全部。",
        "{where} uses the clock {clock}, which is none of the statutory "
        "clocks. The nearest are: {near}. `qingtian law clocks` lists all.",
    ),
    "unknown_variant": (
        "期限 {clock} 没有情形“{variant}”。可用的有：{known}。",
        "The clock {clock} has no variant {variant!r}. It has: {known}.",
    ),
    "clock_not_in_force": (
        "期限 {clock} 的规则只在 {since} 至 {until} 有效，盖不住本版本的有效期。请拆成两个版本。",
        "The rule of clock {clock} is law from {since} to {until} only, "
        "not for the whole validity. Split the kind into two versions.",
    ),
    "clock_never_started": (
        "行为“{act}”要{move_zh}期限 {clock}，但没有行为启动它。请在某个行为写 start。",
        "The act {act!r} would {move_en} the clock {clock}, and no act starts it. Start it somewhere.",
    ),
    "clock_never_stopped": (
        "期限 {clock} 启动后没有行为停止它，会一直显示逾期。请在履行它的行为写 stop，或在启动处写 runs_out: true。",
        "No act stops the clock {clock} once it runs; it would be overdue "
        "for ever. Stop it where it is met, or start it with `runs_out: true`.",
    ),
    "clock_never_resumed": (
        "期限 {clock} 中止后没有行为恢复它。请在某个行为写 resume。",
        "No act resumes the clock {clock} once it is paused. Resume it somewhere.",
    ),
    "clock_not_extendable": (
        "期限 {clock} 的规则没有规定延长。请删除 extend。",
        "The rule of clock {clock} foresees no extension. Delete `extend`.",
    ),
    "clock_not_pausable": (
        "期限 {clock} 不能中止：它{why.zh}。请删除 pause。",
        "The clock {clock} cannot be paused: it {why.en}. Delete `pause`.",
    ),
    # walks
    "too_few_walks": (
        "只有 {count} 个走查，至少要有三个：plain、longest、stopped。请补上 {missing}。",
        "There are {count} walks; three sorts are needed: plain, longest, stopped. Add {missing}.",
    ),
    "walk_fails": ("第 {number} 步“{act}”：{why} [{refusal}]", "Step {number}, {act!r}: {why} [{refusal}]"),
    "walk_setting_unknown": (
        "走查写了设定 {setting}，本类事项没有。现有：{known}。请改正名称。",
        "The walk states the setting {setting!r}, which the kind has not. It has: {known}. Correct the name.",
    ),
    "walk_open_end": (
        "走查停在“{stage}”，不是终局。请走到终局。",
        "The walk stops in {stage!r}, which is no end. Walk on to an end.",
    ),
    "act_not_walked": (
        "没有走查经过从“{stage}”出发的行为“{act}”。请补一个走查。",
        "No walk does the act {act!r} from {stage!r}. Add one that does.",
    ),
    "end_not_walked": (
        "没有走查到达终局“{stage}”。请补一个走查。",
        "No walk reaches the end {stage!r}. Add one that does.",
    ),
}


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong: in which file and line, and the sentence that says so."""

    file: str
    line: int
    code: str
    fields: Mapping[str, object]

    def sentence(self, language: str = "zh") -> str:
        zh, en = SENTENCES[self.code]
        said = {name: value.said(language) if isinstance(value, Term) else value for name, value in self.fields.items()}
        return (zh if language.startswith("zh") else en).format_map(said)

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "code": self.code,
            "zh": self.sentence("zh"),
            "en": self.sentence("en"),
        }


class BrokenKind(QingtianError):
    code = "kinds.broken"
    zh = (
        "事项 {folder} 的定义有 {count} 处问题，不能使用。第一处：{file} "
        "第 {line} 行：{first_zh}用 qingtian check {folder} 查看全部。"
    )
    en = (
        "The kind in {folder} has {count} problem(s) and cannot be used. The first: {file} line {line}: {first_en} "
        "`qingtian check {folder}` shows all."
    )

    @classmethod
    def of(cls, folder: str, problems: list[Problem]) -> BrokenKind:
        first = problems[0]
        return cls(
            folder=folder,
            count=len(problems),
            file=first.file,
            line=first.line,
            first_zh=first.sentence("zh"),
            first_en=first.sentence("en"),
        )
