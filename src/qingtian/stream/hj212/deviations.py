"""Deviations 偏离: each way in which senders in the field break the standard, with a code and a sentence.

Seen in real packets (HJ 212 as met in public repositories and logs). What a device is allowed its `profile` says; here
stands what is done without one: what loses no information is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What is done with a packet that deviates."""

    ACCEPT = "accept"
    """接受: told when asked, not counted."""
    RECORD = "record"
    """接受并记录: counted for the device."""
    REFUSE = "refuse"
    """拒收: to the dead letters, no answer."""


class Level(Enum):
    """Where it shows: in the frame, the header, the data area, the connection."""

    FRAME = "frame"
    HEADER = "header"
    DATA = "data"
    CONNECTION = "connection"


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One deviation. ``usual``: the verdict without a profile."""

    code: str
    level: Level
    usual: Verdict
    zh: str
    en: str

    def sentence(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


_VERDICTS = {"a": Verdict.ACCEPT, "r": Verdict.RECORD, "x": Verdict.REFUSE}
_LEVELS = {"F": Level.FRAME, "H": Level.HEADER, "D": Level.DATA, "C": Level.CONNECTION}

# code · level (F frame, H header, D data, C connection) · usual (a accept, r record, x refuse) · Chinese | English
_TABLE = """
checksum_modbus         F r 校验码是通常的 Modbus CRC-16（高字节在前），不是 HJ 212 的 CRC。 | The checksum is the ordinary Modbus CRC-16, high byte first.
checksum_swapped        F r 校验码正确，但高低字节颠倒。 | The checksum is right, but its bytes are swapped.
checksum_modbus_swapped F r 校验码是通常的 Modbus CRC-16，且高低字节颠倒。 | The checksum is the ordinary Modbus CRC-16 with its bytes swapped.
checksum_lower_case     F a 校验码用了小写字母。 | The checksum is written in lower case.
checksum_short          F r 校验码缺前导零，不足四位。 | The checksum lacks its leading zeros.
checksum_unknown        F x 校验码与已知的任何算法都不符，数据可能已被改变。 | The checksum fits no known way of counting; the data may have been changed.
checksum_missing        F x 没有校验码，无从核对。 | There is no checksum, so nothing can be checked.
short_length            F r 长度字段不足四位。 | The length has fewer than four digits.
wrong_length            F r 长度字段与数据段的实际长度不符。 | The length is not that of the data segment.
missing_crlf            F a 包尾没有回车换行。 | There is no line end.
lf_only                 F a 包尾只有换行，没有回车。 | The line end is a line feed alone.
stars                   F a 校验码与回车换行之间有 **（某些反控程序如此）。 | There is ** between the checksum and the line end, as some control programs write.
glued                   F a 两包之间没有任何分隔。 | Two packets stand without anything between them.
stray_bytes             F x 数据包之间有不属于任何包的字节。 | Bytes between packets belong to none.
other_protocol          F x 以 STAR 开头，是某省的另一种协议，不是 HJ 212。 | It begins with STAR: another protocol of a province, not HJ 212.
closing_dropped         F r 数据段末尾的 && 被丢失；补上它或不计它，校验码正确。 | The closing && was dropped; with it or without it the checksum is right.
oversize_segment        F r 数据段超过 1024 字节，应当拆包。 | The segment is longer than 1024 bytes and should have been split.
oversize                F x 数据段长度超过可接受的上限。 | The length is beyond what is accepted.
cipher_as_text          F r 密文以 {0x..,0x..} 文本发送，而不是字节。 | The cipher is sent as the text {0x..,0x..} and not as bytes.
no_key                  F x 数据段像是加密的，但本设备没有密钥或密钥不对。 | The segment seems to be encrypted, and there is no key for this device or a wrong one.
broken_segment          F x 数据段没有 CP=&&…&& 或命令编码 CN。 | The segment has no CP=&&…&& or no command CN.
qn_missing              H r 没有请求编码 QN，或 QN 为空。 | There is no QN, or it is empty.
qn_epoch                H r QN 是 13 位的毫秒数，不是 YYYYMMDDhhmmsszzz。 | QN is 13 digits of milliseconds since 1970 and not YYYYMMDDhhmmsszzz.
qn_nonstandard          H r QN 不是 YYYYMMDDhhmmsszzz。 | QN is not YYYYMMDDhhmmsszzz.
mn_missing              H r 没有设备唯一标识 MN，或 MN 为空。 | There is no MN, or it is empty.
mn_nonstandard          H r MN 既不是 14 位字母数字，也不是 24 位十六进制。 | MN is neither 14 letters and digits nor 24 hexadecimal digits.
pw_empty                H a 访问密码 PW 为空。 | PW is empty.
flag_missing            H r 有 QN 而没有 Flag，按 2005 版读取。 | There is a QN but no Flag; it is read as 2005.
flag_name_case          H r Flag 写成了 FLAG。 | Flag is written FLAG.
flag_nonstandard        H r Flag 不是 0–255 的数。 | Flag is no number from 0 to 255.
stray_comma             H r 包头字段之间有多余的逗号或分号。 | There is a comma or semicolon too many between header fields.
header_comma            H r 包头字段用逗号分隔，应为分号。 | A header field ends with a comma instead of a semicolon.
header_run_together     H r CP 之前缺分号。 | The semicolon before CP is missing.
field_order             H a 包头字段顺序与标准不同。 | The header fields stand in another order.
parts_without_bit       H r 有 PNUM 而 Flag 没有拆分包标志。 | There is a PNUM, but the Flag does not say so.
bit_without_parts       H r Flag 有拆分包标志而没有 PNUM、PNO。 | The Flag announces parts, but there is no PNUM and PNO.
parts_nonstandard       H r PNUM、PNO 不成立（如 PNO 大于 PNUM）。 | PNUM and PNO make no sense, such as a PNO beyond PNUM.
unknown_system          H r 系统编码 ST 不在标准表中。 | The system ST is in no table of the standard.
unknown_command         H r 命令编码 CN 不在标准表中。 | The command CN is in no table of the standard.
answer_asks             H a 应答包自己又要求应答。 | An answer asks to be answered.
spaces                  H a 字段前后有空格。 | There are blanks around fields.
gbk_text                D r 中文用 GBK 编码，应为 UTF-8。 | Chinese text is in GBK instead of UTF-8.
text_unreadable         D r 有既非 UTF-8 也非 GBK 的字节。 | There are bytes that are neither UTF-8 nor GBK.
trailing_separator      D a 数据区末尾有多余的分隔符。 | There is a separator before the closing &&.
untyped_body            D r 缺少该命令必需的字段，或字段无法读取。 | A field that the command requires is missing or unreadable.
data_time_missing       D r 上传数据没有 DataTime。 | Uploaded data has no DataTime.
data_time_unreadable    D r DataTime 不是日期时间。 | DataTime is no date and time.
data_time_long          D a DataTime 是 17 位（含毫秒），应为 14 位。 | DataTime has 17 digits with milliseconds instead of 14.
data_time_seconds       D r 分钟、小时或日数据的 DataTime 不在整分，可能填了发送时间。 | DataTime of a period has seconds; it may be the time of sending.
unknown_factor          D r 监测因子编码不在标准表中。 | A factor code is in no table of the standard.
unknown_tag             D r 因子字段后缀不是标准的（如 -td、-Ori）。 | A tag is not of the standard, such as -td or -Ori.
unknown_item            D r 数据区有标准没有的字段。 | There is an item that the standard does not know.
tag_missing             D r 因子后面没有字段后缀（如 NOIS=N）。 | A factor stands without a tag, such as NOIS=N.
flag_without_factor     D r 数据标记 Flag 没有写明因子。 | A data mark stands without its factor.
repeated_tag            D r 同一因子的同一字段出现两次，只有后一个可用。 | The same tag of a factor stands twice; only the later one can be used.
junk_value              D r 应为数值的字段不是数。 | A value is no number.
empty_value             D r 字段没有值。 | A tag has no value.
unknown_mark            D r 数据标记不在标准表中。 | A data mark is in no table of the standard.
several_mns             C a 一个连接上有几个设备（MN）。 | Several devices (MN) speak on one connection.
pw_wrong                C x 访问密码 PW 与登记的不同（仅网关）。 | PW is not the one that is registered (gateway only).
"""  # noqa: E501 - a table reads by its columns


def _read(line: str) -> Deviation:
    code, level, usual, sentences = line.split(maxsplit=3)
    zh, en = sentences.split(" | ")
    return Deviation(code=code, level=_LEVELS[level], usual=_VERDICTS[usual], zh=zh, en=en)


DEVIATIONS = {deviation.code: deviation for deviation in map(_read, _TABLE.strip().splitlines())}
