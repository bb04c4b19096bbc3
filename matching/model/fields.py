"""The field catalogue: every field a listing can carry, as data. Forms, sheets, layers, projection and pages read it here.

A field's `headings` are the headings of the national and local sheets (domain §2.2) in the variants people write; they are
compared by `search.text.comparison_key`. `layer` is the safe default. `passage` fields make up the body that is embedded
and searched, in this order. Contact fields are a group of their own: they never become part of a document.
"""

from dataclasses import dataclass
from typing import Literal

from matching.model.listings import Layer, ListingKind

FieldType = Literal["line", "text", "code", "codes", "money", "date", "month", "indicators", "ip", "industries", "days"]

RESULT = frozenset({ListingKind.RESULT})
NEED = frozenset({ListingKind.NEED})
BOTH = RESULT | NEED


@dataclass(frozen=True, slots=True)
class ListingField:
    """`limit` is in characters. `stored` says where: `column` of the revision, `texts` (JSON), or `rows` of its own table."""

    code: str
    kinds: frozenset[ListingKind]
    type: FieldType
    stored: Literal["column", "texts", "rows"]
    layer: Layer
    headings: tuple[str, ...] = ()
    limit: int = 200
    passage: bool = False
    code_list: str | None = None


_P, _R = Layer.PUBLIC, Layer.REGISTERED

FIELDS: tuple[ListingField, ...] = (
    ListingField(
        "title",
        BOTH,
        "line",
        "column",
        _P,
        ("成果名称", "技术需求名称", "需求名称", "名称", "项目名称", "成果标题", "title"),
        200,
    ),
    ListingField("keywords", BOTH, "line", "texts", _P, ("关键词", "关键字", "keywords"), 300),
    # what is read first: problem and difficulty
    ListingField("problem", RESULT, "text", "texts", _P, ("解决的问题", "解决什么问题", "拟解决问题"), 2000, True),
    ListingField("summary", RESULT, "text", "texts", _P, ("成果简介", "成果介绍", "项目简介", "简介", "summary"), 10000, True),
    ListingField("advantage", RESULT, "text", "texts", _P, ("创新点", "技术优势", "与现有技术比较", "和现有做法比"), 3000, True),
    ListingField(
        "detail", NEED, "text", "texts", _P, ("技术需求详情", "需求详情", "需求描述", "技术需求描述", "detail"), 10000, True
    ),
    ListingField("difficulty", NEED, "text", "texts", _P, ("拟解决的技术难题", "技术难题", "难点"), 3000, True),
    ListingField("basis", NEED, "text", "texts", _R, ("现有基础条件", "工作基础", "现有基础"), 3000, True),
    ListingField("indicators_text", BOTH, "text", "texts", _P, ("技术指标", "主要技术指标", "技术参数"), 3000, True),
    ListingField("application", RESULT, "line", "texts", _P, ("成果应用领域", "应用领域", "所属领域"), 300),
    ListingField("field", NEED, "line", "texts", _P, ("需求领域", "技术领域", "所属领域"), 300),
    ListingField("market", RESULT, "text", "texts", _R, ("商业分析", "市场分析", "市场前景"), 3000),
    ListingField("awards", RESULT, "line", "texts", _P, ("获奖情况",), 300),
    ListingField("funding", RESULT, "line", "texts", _R, ("资助情况",), 300),
    ListingField("obtained", RESULT, "line", "texts", _R, ("成果获得方式",), 100),
    ListingField("partners", NEED, "line", "texts", _R, ("意向合作单位",), 300),
    ListingField("experts", NEED, "line", "texts", _R, ("意向合作专家",), 300),
    ListingField("remark", RESULT, "text", "texts", _R, ("备注",), 1000),
    ListingField("industries", BOTH, "industries", "rows", _P, ("战略产业", "所属产业", "产业"), 200),
    ListingField("indicators", BOTH, "indicators", "rows", _P),
    ListingField("ip", RESULT, "ip", "rows", _P, ("专利号/申请号", "专利号", "申请号", "专利申请号"), 300),
    ListingField("ip_kind", RESULT, "code", "rows", _P, ("知识产权形式", "知识产权类型"), 100, False, "ip_kind"),
    ListingField("ip_status", RESULT, "code", "rows", _P, ("法律状态", "专利状态"), 100, False, "ip_status"),
    ListingField("maturity", BOTH, "code", "column", _P, ("技术成熟度", "成熟度", "要求成熟度"), 30, False, "maturity"),
    ListingField("modes", BOTH, "codes", "rows", _P, ("合作方式",), 200, False, "cooperation"),
    ListingField("price", BOTH, "money", "column", _P, ("合作价格", "合作价格(万元)", "预算金额(万元)", "预算金额", "价格"), 60),
    ListingField("need_type", NEED, "code", "column", _P, ("技术需求类别", "需求类型", "需求类别"), 60, False, "need_type"),
    ListingField("completed_on", RESULT, "month", "column", _P, ("成果完成时间", "完成时间"), 30),
    ListingField("valid_until", BOTH, "date", "column", _P, ("有效期", "有效期至", "截止日期"), 30),
    ListingField("wanted_by", NEED, "date", "column", _P, ("期望完成时间", "需求解决时限"), 30),
)

BY_CODE: dict[str, ListingField] = {each.code: each for each in FIELDS}


def fields_of(kind: ListingKind) -> tuple[ListingField, ...]:
    """The fields of one kind of listing, in the catalogue's order."""
    return tuple(each for each in FIELDS if kind in each.kinds)


def passage_fields(kind: ListingKind) -> tuple[ListingField, ...]:
    """The text fields whose words are embedded and searched, in reading order."""
    return tuple(each for each in fields_of(kind) if each.passage)


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
    "owner": ("单位名称", "成果权属人", "企业名称", "需求单位", "权属单位"),
    "credit_code": ("统一社会信用代码", "信用代码"),
    "zone": ("所属高新区", "高新区"),
    "region": ("所属地区", "地区"),
    "owner_kind": ("单位性质",),
}

IGNORED_HEADINGS: tuple[str, ...] = ("序号", "编号", "活动id", "成果图片", "成果视频", "需求图片", "需求视频")
"""Columns of the sheets that are known and not kept yet (pictures and films), or mean nothing here (the activity's id)."""
