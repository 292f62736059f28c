"""Why a matter cannot be taken over as it is told (存量录入不能接受的原因): each with what to do."""

from __future__ import annotations

from qingtian.law.machine.state import Refusal


class NoSuchStage(Refusal):
    code = "machine.no_such_stage"
    zh = "“{kind.zh}”没有阶段“{found}”。可以填写：{known}。"
    en = "“{kind.en}” has no stage {found!r}. It has: {known_en}."


class StageNotWalked(Refusal):
    code = "machine.stage_not_walked"
    zh = "“{kind.zh}”没有走查到达“{stage.zh}”，不知道此前办了什么。请先为该类事项补一个走查（qingtian check）。"
    en = "No walk of “{kind.en}” comes to “{stage.en}”, so nobody knows what came before. Add one (qingtian check)."


class OpenedInTheFuture(Refusal):
    code = "machine.opened_in_the_future"
    zh = "开启日 {opened} 晚于今天（{today}）。请核对日期。"
    en = "It would have been opened on {opened}, after today ({today}). Check the day."


class ReachedInTheFuture(Refusal):
    code = "machine.reached_in_the_future"
    zh = "到达（办结）日 {reached} 晚于今天（{today}）。请核对日期。"
    en = "The stage would be reached on {reached}, after today ({today}). Check the day."


class ReachedBeforeOpening(Refusal):
    code = "machine.reached_before_opening"
    zh = "到达（办结）日 {reached} 早于开启日 {opened}。请核对两个日期。"
    en = "The stage was reached on {reached}, before it was opened on {opened}. Check both days."


class NotDoneBefore(Refusal):
    code = "machine.not_done_before"
    zh = "到达“{stage.zh}”之前不会办理：{names_zh}。请从“已办行为”中删去，或核对阶段。"
    en = "These are not done before “{stage.en}”: {names_en}. Take them out of what was done, or check the stage."


class FactsWanting(Refusal):
    code = "machine.facts_wanting"
    zh = "处于“{stage.zh}”的事项此后还要用到：{names_zh}，以后的行为不再询问。请在表中填写。"
    en = "From “{stage.en}” on these are needed, and no later act asks for them: {names_en}. Fill them in."


class PeopleWanting(Refusal):
    code = "machine.people_wanting"
    zh = "处于“{stage.zh}”的事项须有指定的{names_zh}，否则无人能继续办理。请填写用户名。"
    en = "In “{stage.en}” a matter needs to name: {names_en}; else nobody can go on. Fill in their usernames."


class NotOfThePost(Refusal):
    code = "machine.not_of_the_post"
    zh = "{person} 的岗位不能担任{role.zh}。请改填他人，或先由管理员授予岗位。"
    en = "{person} holds no post that may be {role.en}. Name somebody else, or have the post given first."


class ClocksWanting(Refusal):
    code = "machine.clocks_wanting"
    zh = "处于“{stage.zh}”的事项有期限在计算，缺少起算日：{names_zh}。请在“起算”列填写。"
    en = "In “{stage.en}” clocks run, and the day they run from is missing: {names_en}. Fill it in."


class ClocksNotHere(Refusal):
    code = "machine.clocks_not_here"
    zh = "处于“{stage.zh}”的事项没有这些期限在计算：{names_zh}。请删去其起算日，或核对阶段。"
    en = "In “{stage.en}” these clocks do not run: {names_en}. Take their days out, or check the stage."


class PausesWanting(Refusal):
    code = "machine.pauses_wanting"
    zh = "处于“{stage.zh}”的事项，期限已中止，缺少中止起始日：{names_zh}。请在“中止”列填写。"
    en = "In “{stage.en}” clocks stand still, and since when is missing: {names_en}. Fill it in."


class PausesNotHere(Refusal):
    code = "machine.pauses_not_here"
    zh = "处于“{stage.zh}”的事项，这些期限没有中止：{names_zh}。请删去其中止起始日，或核对阶段。"
    en = "In “{stage.en}” these clocks do not stand still: {names_en}. Take since when out, or check the stage."


class PausedOutside(Refusal):
    code = "machine.paused_outside"
    zh = "期限“{name.zh}”自 {since} 中止，应在起算日 {start} 与今天（{today}）之间。请核对日期。"
    en = "“{name.en}” would stand still since {since}, not between its start {start} and today, {today}. Check the day."


class PausedTooLate(Refusal):
    code = "machine.paused_too_late"
    zh = (
        "期限“{name.zh}”已于 {due} 届满，不能自 {since} 中止。请核对起算日和中止起始日；"
        "此前有过中止的，请填现在据以计算的起算日。"
    )
    en = (
        "“{name.en}” was over on {due} and cannot stand still since {since}. Check both days; if it was paused before, "
        "give the day from which it counts now."
    )


class ClocksAtAnEnd(Refusal):
    code = "machine.clocks_at_an_end"
    zh = "已以“{stage.zh}”办结的事项不再计算期限，却填写了起算日：{names_zh}。请删去，或改填所处阶段。"
    en = "A matter that ended with “{stage.en}” has no clock running, and days are given: {names_en}. Take them out."


class ClockInTheFuture(Refusal):
    code = "machine.clock_in_the_future"
    zh = "期限“{name.zh}”的起算日 {start} 晚于今天（{today}）。请核对日期。"
    en = "“{name.en}” would run from {start}, after today ({today}). Check the day."
