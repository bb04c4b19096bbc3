"""The field catalogue: every field a listing can carry, as data. Forms, sheets, layers, projection and pages read it here.

A field's `headings` are the headings of the national and local sheets (domain §2.2) in the variants people write; they are
compared by `search.text.comparison_key`. `layer` is the safe default. `passage` fields make up the body that is embedded
and searched, in this order. Contact fields are a group of their own: they never become part of a document.
"""

from dataclasses import dataclass
from typing import Final, Literal

from matching.model.listings import Layer, ListingKind

FieldType = Literal["line", "text", "links", "code", "codes", "money", "date", "month", "indicators", "ip", "industries"]
Stored = Literal["column", "texts", "rows", "tags", "amounts", "days"]
Step = Literal["what", "figures", "terms", "rights", "extras", "tender"]

RESULT = frozenset({ListingKind.RESULT})
NEED = frozenset({ListingKind.NEED})
BOTH = RESULT | NEED


@dataclass(frozen=True, slots=True)
class ListingField:
    """`limit` is in characters. `stored` says where: `column` of the revision (or the listing) under its own name, `texts`
    (JSON), `rows` of its own table, `tags` (`RevisionTag` of `code_list`), `amounts` (`RevisionAmount`), `days` (a date
    column of the revision that no rule speaks of). `step` is the part of the form that asks for it.
    """

    code: str
    kinds: frozenset[ListingKind]
    type: FieldType
    stored: Stored
    layer: Layer
    headings: tuple[str, ...] = ()
    limit: int = 200
    passage: bool = False
    code_list: str | None = None
    step: Step = "extras"


_P, _R, _O = Layer.PUBLIC, Layer.REGISTERED, Layer.OWN


def _text(
    code: str, kinds: frozenset[ListingKind], layer: Layer, step: Step, limit: int, *headings: str, passage: bool = False
) -> ListingField:
    return ListingField(code, kinds, "text", "texts", layer, headings, limit, passage, step=step)


def _line(code: str, kinds: frozenset[ListingKind], layer: Layer, step: Step, limit: int, *headings: str) -> ListingField:
    return ListingField(code, kinds, "line", "texts", layer, headings, limit, step=step)


def _tags(code: str, kinds: frozenset[ListingKind], code_list: str, *headings: str) -> ListingField:
    return ListingField(code, kinds, "codes", "tags", _P, headings, 200, code_list=code_list)


def _amount(code: str, layer: Layer, step: Step, *headings: str) -> ListingField:
    return ListingField(code, NEED, "money", "amounts", layer, headings, 60, step=step)


FIELDS: tuple[ListingField, ...] = (
    ListingField(
        "title",
        BOTH,
        "line",
        "column",
        _P,
        (
            "成果名称",
            "技术需求名称",
            "需求名称",
            "名称",
            "项目名称",
            "成果标题",
            "科技成果名称",
            "技术名称",
            "成果题目",
            "难题名称",
            "title",
        ),
        200,
        step="what",
    ),
    _line("keywords", BOTH, _P, "what", 300, "关键词", "关键字", "keywords"),
    # what is read first: problem and difficulty
    _text("problem", RESULT, _P, "what", 2000, "解决的问题", "解决什么问题", "拟解决问题", passage=True),
    _text(
        "summary",
        RESULT,
        _P,
        "what",
        10000,
        "成果简介",
        "成果介绍",
        "项目简介",
        "技术简介",
        "成果概述",
        "简介",
        "summary",
        passage=True,
    ),
    _text(
        "advantage", RESULT, _P, "what", 3000, "创新点", "技术优势", "主要创新点", "与现有技术比较", "和现有做法比", passage=True
    ),
    _text(
        "detail",
        NEED,
        _P,
        "what",
        10000,
        "技术需求详情",
        "需求详情",
        "需求描述",
        "技术需求描述",
        "需求内容",
        "技术需求内容",
        "detail",
        passage=True,
    ),
    _text("difficulty", NEED, _P, "what", 3000, "拟解决的技术难题", "技术难题", "拟解决的关键技术", "难点", passage=True),
    _text("basis", NEED, _R, "what", 3000, "现有基础条件", "工作基础", "现有基础", passage=True),
    _text("indicators_text", BOTH, _P, "figures", 3000, "技术指标", "主要技术指标", "技术指标要求", "技术参数", passage=True),
    _text("tender_overview", NEED, _P, "tender", 5000, "招标项目概述", "项目概述", passage=True),
    _text("tender_items", NEED, _P, "tender", 5000, "招标项目清单", "项目清单", "采购清单", passage=True),
    _text("tender_parameters", NEED, _P, "tender", 5000, "技术参数", "招标技术参数", passage=True),
    _text("tender_services", NEED, _P, "tender", 3000, "服务内容", "招标服务内容", passage=True),
    _line("application", RESULT, _P, "extras", 300, "成果应用领域", "应用领域", "技术领域", "所属领域"),
    _line("field", NEED, _P, "extras", 300, "需求领域", "技术领域", "所属领域"),
    _text("market", RESULT, _R, "extras", 3000, "商业分析", "市场分析", "市场前景", "应用前景"),
    _line("awards", RESULT, _P, "extras", 300, "获奖情况"),
    _line("funding", RESULT, _R, "extras", 300, "资助情况"),
    _line("obtained", RESULT, _R, "extras", 100, "成果获得方式"),
    _line("holder", RESULT, _P, "rights", 200, "成果权属人", "权属人", "成果持有人"),
    _line("partners", NEED, _R, "extras", 300, "意向合作单位"),
    _line("experts", NEED, _R, "extras", 300, "意向合作专家"),
    ListingField("images", BOTH, "links", "texts", _P, ("成果图片", "需求图片", "图片"), 2000),
    ListingField("films", BOTH, "links", "texts", _P, ("成果视频", "需求视频", "视频"), 2000),
    _text("remark", RESULT, _R, "extras", 1000, "备注"),
    _line("activity", BOTH, _R, "extras", 60, "活动id", "活动编号", "活动"),
    ListingField("industries", BOTH, "industries", "rows", _P, ("战略产业", "所属产业", "产业领域", "产业"), 200, step="what"),
    ListingField("indicators", BOTH, "indicators", "rows", _P, step="figures"),
    ListingField(
        "ip", RESULT, "ip", "rows", _P, ("专利号/申请号", "专利号", "申请号", "专利申请号", "授权专利号"), 300, step="rights"
    ),
    ListingField("ip_kind", RESULT, "code", "rows", _P, ("知识产权形式", "知识产权类型"), 100, False, "ip_kind", "rights"),
    ListingField("ip_title", RESULT, "line", "rows", _P, ("专利名称", "知识产权名称"), 200, step="rights"),
    ListingField("ip_status", RESULT, "code", "rows", _P, ("法律状态", "专利状态"), 100, False, "ip_status", "rights"),
    ListingField("ip_filed_on", RESULT, "date", "rows", _P, ("申请日", "专利申请日", "申请日期"), 60, step="rights"),
    ListingField("ip_granted_on", RESULT, "date", "rows", _P, ("授权日", "授权公告日", "授权日期"), 60, step="rights"),
    ListingField("ip_holders", RESULT, "line", "rows", _P, ("专利权人", "专利申请人", "知识产权权利人"), 200, step="rights"),
    ListingField("ip_ipc", RESULT, "line", "rows", _P, ("IPC分类号", "IPC", "国际专利分类号"), 60, step="rights"),
    ListingField(
        "maturity",
        BOTH,
        "code",
        "column",
        _P,
        ("技术成熟度", "成熟度", "要求成熟度", "所处阶段", "成果所处阶段"),
        30,
        False,
        "maturity",
        "figures",
    ),
    ListingField(
        "modes", BOTH, "codes", "rows", _P, ("合作方式", "期望合作方式", "拟合作方式"), 200, False, "cooperation", "terms"
    ),
    ListingField(
        "price", BOTH, "money", "column", _P, ("合作价格", "合作价格(万元)", "转让价格", "拟转让价格", "价格"), 60, step="terms"
    ),
    _amount("budget", _P, "terms", "预算金额", "预算金额(万元)", "预算", "项目预算", "拟投入资金"),
    ListingField(
        "need_type", NEED, "code", "column", _P, ("技术需求类别", "需求类型", "需求类别"), 60, False, "need_type", "terms"
    ),
    ListingField(
        "completed_on", RESULT, "month", "column", _P, ("成果完成时间", "完成时间", "完成日期", "完成年月"), 30, step="terms"
    ),
    ListingField("wanted_by", NEED, "date", "column", _P, ("期望完成时间", "要求完成时间", "需求解决时限"), 30, step="terms"),
    ListingField("valid_until", BOTH, "date", "column", _P, ("有效期", "有效期至", "截止日期", "需求截止时间"), 30, step="terms"),
    _tags("landmark", RESULT, "landmark", "标志性成果", "重大原创成果", "成果标志"),
    _tags("technology_type", BOTH, "technology_type", "技术类型", "技术类别"),
    _tags("chain", BOTH, "chain", "产业链环节", "产业链位置"),
    _tags("policy", BOTH, "policy", "质量效益方向", "政策方向"),
    _tags("overseas", BOTH, "overseas", "海外合作", "国际合作"),
    _tags("languages", BOTH, "language", "工作语言", "语言", "语种"),
    _amount("deposit", _R, "tender", "保证金", "投标保证金", "保证金(万元)"),
    ListingField("delivery_on", NEED, "date", "days", _P, ("交货日期", "交付日期"), 30, step="tender"),
    ListingField("acceptance_on", NEED, "date", "days", _P, ("验收日期",), 30, step="tender"),
    _amount("floor_price", _O, "tender", "底价", "底价(万元)", "标底"),
    _amount("deal_price", _O, "tender", "成交价格", "成交价", "成交价格(万元)"),
    _line("transferee", NEED, _O, "tender", 200, "受让方"),
    _amount("service_fee", _O, "tender", "服务费", "服务费(万元)"),
)

BY_CODE: dict[str, ListingField] = {each.code: each for each in FIELDS}


def fields_of(kind: ListingKind) -> tuple[ListingField, ...]:
    """The fields of one kind of listing, in the catalogue's order."""
    return tuple(each for each in FIELDS if kind in each.kinds)


def passage_fields(kind: ListingKind) -> tuple[ListingField, ...]:
    """The text fields whose words are embedded and searched, in reading order."""
    return tuple(each for each in fields_of(kind) if each.passage)


def stored_as(stored: Stored, kind: ListingKind | None = None) -> tuple[ListingField, ...]:
    """The fields that are kept in one way, in the catalogue's order."""
    return tuple(each for each in FIELDS if each.stored == stored and (kind is None or kind in each.kinds))


TAG_FIELDS: Final = stored_as("tags")
AMOUNT_FIELDS: Final = stored_as("amounts")
DAY_FIELDS: Final = stored_as("days")
RIGHT_PARTS: Final = tuple(each.code for each in FIELDS if each.code.startswith("ip_"))
"""Columns of a sheet that a form asks for in the rows of `ip`."""


@dataclass(frozen=True, slots=True)
class ContactField:
    code: str
    headings: tuple[str, ...]


CONTACTS: tuple[ContactField, ...] = (
    ContactField("person", ("联系人",)),
    ContactField("legal_person", ("法人", "法定代表人")),
    ContactField("owner_phone", ("权属人联系电话",)),
    ContactField("mobile", ("手机号码", "手机", "联系人电话", "联系电话")),
    ContactField("phone", ("座机", "固定电话", "电话")),
    ContactField("email", ("电子邮箱", "邮箱", "E-mail")),
    ContactField("address", ("地址", "通讯地址")),
)

OWNER_HEADINGS: dict[str, tuple[str, ...]] = {
    "owner": ("单位名称", "企业名称", "需求单位", "权属单位", "完成单位", "成果完成单位", "第一完成单位", "所属单位"),
    "credit_code": ("统一社会信用代码", "信用代码"),
    "zone": ("所属高新区", "高新区"),
    "region": ("所属地区", "地区"),
    "owner_kind": ("单位性质",),
}

IGNORED_HEADINGS: tuple[str, ...] = ("序号", "编号")
"""Columns of the sheets that are known and mean nothing here."""
