"""The parameters of the forms: what the dashboard shows beside each field, in Chinese with English behind it.

Nothing personal is asked for here: the dashboard keeps what a form held. People are named by their ids, candidates by
their numbers, and whatever is longer or personal comes as a file in the inbox.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field


def field(title: str, description: str) -> Any:
    """Describe a parameter; Prefect itself would show the parameter's own name."""
    return Field(json_schema_extra={"title": title, "description": description})


Slug = Annotated[str, field("届次代号", "如 bjgj-2023。[round]")]
Operator = Annotated[str, field("经办人编号", "名册中的编号，不是姓名。[operator's id in the roster]")]
Code = Annotated[str, field("动态码", "办法要求签名时填写经办人的一次性动态码，否则留空。[one-time code]")]
PlanCode = Annotated[str, field("计划码", "先留空运行一次看预览，核对后把预览给出的计划码填在这里再运行。[plan code from the preview]")]
Again = Annotated[bool, field("确认再次办理", "十分钟内重复办理同样内容时须勾选。[really once more]")]
InboxFile = Annotated[str, field("文件名", "收件夹 inbox 中的文件名，如 推荐汇总表.xlsx。[file in inbox/]")]
ReasonFile = Annotated[str, field("理由文件", "收件夹 inbox 中写明理由的文本文件（.txt）。[reason, a text file in inbox/]")]
Document = Annotated[str, field("文号", "证明这一决定的文件编号。[document]")]
Numbers = Annotated[list[str], field("申报编号", "逐个添加；留空表示全部符合条件的。[nomination numbers; empty: all that fit]")]
Batches = Annotated[list[str], field("公示批次", "如 bjgj-2023-n1，逐个添加；留空表示全部期满的。[notices; empty: all that have run out]")]
Deliveries = Annotated[
    list[str],
    field(
        "消息编号",
        "看板“结果不明的消息”或 hallmark notifications 里的编号，逐个添加；留空表示本届全部结果不明的。[message numbers; empty: all unknown ones]",
    ),
]
ProgrammeName = Annotated[str, field("认定办法", "办法编号，或 inbox 中的 .yaml 文件名。[programme id, or a .yaml file in inbox/]")]
OpensOn = Annotated[
    date | None,
    field(
        "启动日期",
        "申报期自这一天起算；留空为办法所写的那天，那天已过的会拒绝；要今天启动就填今天。[opens on; empty: the programme's own day]",
    ),
]
AmendedOpensOn = Annotated[
    date | None,
    field(
        "启动日期",
        "尚未启动的，改在这一天启动；留空时，办法里的启动日期改了就随办法，没改就不变。[opens on; empty: the rules' day where they change it]",
    ),
]
ReceivedOn = Annotated[
    date | None,
    field("收到日期", "材料在申报截止前已经收到、截止后才录入的，填收到的那一天；平时留空，即今天。[day of receipt; empty: today]"),
]
HeldOn = Annotated[date, field("会议日期", "审定会议召开的日期。[day of the sitting]")]
FirstDay = Annotated[date | None, field("公示首日", "公示期自这一天起算，首日计入；留空为今天。[first day of the notice]")]
DocumentDate = Annotated[date, field("文件日期", "区政府文件的日期。[date of the document]")]
Members = Annotated[int, Field(ge=1), field("应到人数", "领导小组成员总数。[members of the leading group]")]
Present = Annotated[int, Field(ge=0), field("实到人数", "到会成员数。[members present]")]
Recalled = Annotated[bool, field("证书已收回", "撤销认定前须先收回证书。[certificate recalled]")]
DecidedBy = Annotated[Literal["领导小组办公室", "领导小组"], field("由谁决定", "作出这一决定的机构。[deciding body]")]
DueDay = Annotated[
    date, field("新期限", "最后一天，须是工作日；延长过头的，填较早的正确日子。[new last day; an earlier one takes an extension back]")
]
WHOLE_ROUND: Final = "整届"
WHOLE_STAGE: Final = "本阶段"
WorkName = Annotated[
    Literal[
        "整届",
        "本阶段",
        "申报推荐阶段",
        "资格审核阶段",
        "专家评审阶段",
        "领导小组审定阶段",
        "社会公示阶段",
        "政府认定阶段",
        "待遇落实阶段",
        "出具推荐意见",
        "补正材料",
        "办理逾期失效",
        "部门联审意见",
        "资格审核",
        "组建评审组",
        "提交评分表",
        "评审结论",
        "召开审定会议",
        "发布公示",
        "答复异议",
        "提请认定并取得文件",
        "递补空缺",
        "落实待遇",
        "办结阶段",
    ],
    field("延长什么", "整届未办结的、进行中的阶段，或某一类待办。[the round, the present stage, or one kind of work]"),
]
Subject = Annotated[
    str, field("只限编号", "延长某一类待办时，只限这个申报、批次、责任人或待办的编号；留空为全部。[only this number's work]")
]
FormerOwner = Annotated[str, field("原责任人编号", "名册中的编号，不是姓名；单位填单位编号。[id of who owes it now]")]
NewOwner = Annotated[str, field("接手人编号", "名册中的编号，与原责任人同类。[id of who takes it over]")]
ALL_WORK: Final = "全部"
HandedWork = Annotated[
    Literal["全部", "出具推荐意见", "补正材料", "部门联审意见", "提交评分表"],
    field("移交什么", "全部未办的待办，或其中一类。[all open work, or one kind]"),
]
HandedSubject = Annotated[str, field("只限编号", "只移交与这个申报编号有关的；留空为全部。[only what is about this number]")]
Tier = Annotated[str, field("档次", "办法只有一个档次时留空。[tier; empty: the first]")]
