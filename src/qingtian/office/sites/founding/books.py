"""The registers an office begins with as Excel workbooks (建档登记表): grids, enterprises, outlets, devices, people."""

from __future__ import annotations

from collections.abc import Mapping

from qingtian.office.people.api import Role
from qingtian.office.sites.sheets import Form

MEDIA = {"废水": "water", "废气": "gas"}
ROLES = {
    "值班": Role.DUTY_DESK,
    "执法人员": Role.OFFICER,
    "网格员": Role.GRID_MEMBER,
    "审核": Role.REVIEWER,
    "企业": Role.ENTERPRISE,
    "领导": Role.LEADER,
    "管理员": Role.ADMINISTRATOR,
}

ACT, CHANGE, END, RESUME = "act", "变更", "停用", "恢复"
"""The column that says what is done with a row, and its words; none: what is not registered yet is entered."""
CLEARED = "-"
SOME = "不填：登记新行，已登记的不改；变更：按本行填写的栏改，空栏不动"
ANY = f"{SOME}；停用、恢复：只看编号"

FORMS: Mapping[str, Form] = {
    "grids": Form(
        title="辖区与网格",
        columns={
            "code": ("网格编号*", "如 440306-01"),
            "name": ("网格名称*", "如 沙井网格"),
            "district": ("行政区划代码*", "六位，如 440306"),
            "district_name": ("行政区名称*", "如 宝安区；同一区各行相同"),
            "district_en": ("行政区英文名", "不填则用中文名"),
            "lon": ("区名经度*", "WGS-84，地图上写区名的位置"),
            "lat": ("区名纬度*", "WGS-84"),
            ACT: ("办理", SOME),
        },
        choices={ACT: (CHANGE,)},
        numbers=("lon", "lat"),
        act=ACT,
    ),
    "enterprises": Form(
        title="企业",
        columns={
            "code": ("企业编号*", "本单位自编，不重复"),
            "name": ("企业名称*", "与营业执照一致"),
            "name_en": ("英文名", ""),
            "uscc": ("统一社会信用代码", "18 位"),
            "industry": ("行业", ""),
            "grid": ("网格编号*", "见“辖区与网格”"),
            "lon": ("经度*", "WGS-84"),
            "lat": ("纬度*", "WGS-84"),
            ACT: ("办理", SOME),
        },
        choices={ACT: (CHANGE,)},
        numbers=("lon", "lat"),
        act=ACT,
    ),
    "outlets": Form(
        title="排放口",
        columns={
            "code": ("排放口编号*", "字母、数字和短横线，如 SZ-W-0001"),
            "name": ("排放口名称*", "如 废水总排口"),
            "name_en": ("英文名", ""),
            "enterprise": ("企业编号*", "见“企业”"),
            "medium": ("介质*", "废水或废气"),
            "standard": ("执行标准*", "如 GB 18918-2002；见“标准限值库”"),
            "source_type": ("污染源类型*", "与标准限值库中的写法一致，如 城镇污水处理厂/一级A"),
            "factors": ("监测因子*", "因子编码，空格分开，如 w01018 w21003"),
            "lon": ("经度", "不填则同企业"),
            "lat": ("纬度", "不填则同企业"),
            ACT: ("办理", ANY),
        },
        choices={ACT: (CHANGE, END, RESUME), "medium": tuple(MEDIA)},
        numbers=("lon", "lat"),
        act=ACT,
    ),
    "devices": Form(
        title="设备",
        columns={
            "mn": ("MN*", "设备唯一标识，24 位"),
            "pw": ("PW*", "访问密码，最长 9 位；以文本填写"),
            "outlet": ("排放口编号*", "见“排放口”"),
            ACT: ("办理", ANY),
        },
        choices={ACT: (CHANGE, END, RESUME)},
        act=ACT,
    ),
    "people": Form(
        title="人员",
        columns={
            "username": ("用户名*", "登录用"),
            "name": ("姓名*", ""),
            "role": ("角色*", "从列表中选"),
            "district": (
                "行政区划代码",
                "执法人员须填；值班、审核、领导、管理员不填为全市。变更时填 - 为清空",
            ),
            "grid": ("网格编号", "网格员须填。变更时填 - 为清空"),
            "enterprise": ("企业编号", "企业用户须填。变更时填 - 为清空"),
            "password": ("初始密码*", "不少于 10 个字符；以文本填写。变更时填写为新密码"),
            ACT: ("办理", ANY),
        },
        choices={ACT: (CHANGE, END, RESUME), "role": tuple(ROLES)},
        act=ACT,
    ),
}
"""By the name of its file, in the order in which they are entered: each names what those before it hold."""
