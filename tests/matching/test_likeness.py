"""Fingerprints and verdicts: what must hold of any text, and what figures do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.likeness.figures import clashes, read, spoken_number
from matching.likeness.verdict import differences, measure
from matching.likeness.words import Words, keys, packed, unpacked

LASER = "求300 W连续光纤激光器，光束质量M²≤1.3。功率稳定性±1%，水冷，用于薄板焊接；交期三个月。"
OTHER = LASER.replace("300 W", "500 W").replace("±1%", "±5%")
SENTENCES = (
    "浆料中的铝含量压到百分之零点三以下。",
    "随后用激光沿栅线扫描，局部熔化氮化硅。",
    "接触电阻下降而开压不降。",
    "在两条线上比过，良率没有变差。",
)
TEXTS = st.lists(
    st.sampled_from([*SENTENCES, "银耗70 mg。", "用于0.5 mm薄板。", "ZL202310123456.7", "VMC-850U型"]), max_size=6
).map("".join)


def words(text: str, title: str = "光纤激光器国产化") -> Words:
    return Words(title, (text,))


@given(TEXTS, TEXTS)
def test_the_verdict_is_symmetric(one: str, other: str) -> None:
    a, b = words(one), words(other, "低铝银浆")
    assert measure(a, b) == measure(b, a)
    there, back = differences(a, b), differences(b, a)
    assert (there.only_one, there.names_one) == (back.only_other, back.names_other)
    assert {(each.one, each.other) for each in there.figures} == {(each.other, each.one) for each in back.figures}


@given(st.text(min_size=1, max_size=40), st.text(max_size=300))
def test_a_text_and_itself_differ_in_nothing(title: str, body: str) -> None:
    own = Words(title, (body,))
    found = differences(own, Words(title, (body,)))
    assert (found.only_one, found.only_other, found.figures) == ((), (), ())
    assert measure(own, own).agreement == 1.0
    if own.title_shingles:
        assert measure(own, own).is_near
    assert keys(own) == keys(Words(title, (body,)))
    assert unpacked(packed(keys(own))) == keys(own)


@given(st.permutations(SENTENCES))
def test_the_order_of_sentences_says_nothing(order: list[str]) -> None:
    one, other = words("".join(SENTENCES)), words("".join(order))
    assert keys(one) == keys(other)
    assert measure(one, other) == measure(one, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5 mm", "500 μm"),
        ("2 h", "120 min"),
        ("0.6 MPa", "600 kPa"),
        ("两千小时", "2000 h"),
        ("1,200 kg", "1.2 t"),
        ("5O0 W", "0.5 kW"),
    ],
)
def test_a_figure_in_another_unit_is_the_same(one: str, other: str) -> None:
    a, b = read(f"厚度为{one}的板").figures, read(f"厚度为{other}的板").figures
    assert clashes(a, b) == ((), 1)


def test_other_figures_are_another_need() -> None:
    found = differences(words(LASER), words(OTHER))
    assert {(each.one, each.other) for each in found.figures} == {("300 W", "500 W"), ("1%", "5%")}
    assert not measure(words(LASER), words(OTHER)).is_near
    assert measure(words(LASER), words(LASER.replace("300 W", "0.3 kW"))).is_near


def test_contacts_dates_and_script_say_nothing_of_the_matter() -> None:
    added = LASER + "\n联系人：王工，电话13800000000。有效期至2026年12月31日。"
    traditional = "求300 W連續光纖雷射器，光束質量M²≤1.3。功率穩定性±1%，水冷，用於薄板焊接；交期三個月。".replace("雷射", "激光")
    assert measure(words(LASER), words(added)).is_near
    assert measure(words(LASER), words(traditional, "光纖激光器國產化")).is_near
    assert read(added).figures == read(LASER + "\n有效期至").figures


def test_rights_and_names_are_read_in_any_spelling() -> None:
    found = read("采用VMC-850U，专利 ZL 2023 1 0123456.7，流量3万m³/h")
    assert found.names == {"vmc850u"}
    assert found.rights == {"202310123456.7"}
    assert [each.value for each in found.figures] == pytest.approx([30_000 / 3600], rel=1e-3)


@pytest.mark.parametrize(
    ("said", "value"), [("两千", 2000), ("一百三十五", 135), ("十二", 12), ("三万五千", 35_000), ("一亿", 1e8)]
)
def test_numbers_in_words(said: str, value: float) -> None:
    assert spoken_number(said) == value


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert read(text).rights is not None
    assert all(0 <= each < 1 << 62 for each in keys(Words(text, (text,))))
