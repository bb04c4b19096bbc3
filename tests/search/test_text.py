"""Normal form, keys and passages by example."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from search.text import chunks, comparison_key, normalise, number_key


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ＴＯＰＣｏｎ　电池", "topcon 电池"),
        ("諧波減速器", "谐波减速器"),
        ("鋰離子電池與氫燃料電池", "锂离子电池与氢燃料电池"),
        ("25℃", "25°c"),
        ("5μm 5µm 5um", "5um 5um 5um"),
        ("m² m2 m³", "m2 m2 m3"),
        ("10–20", "10-20"),
        ("  多  个\t空\u3000白\n\n行 ", "多 个 空 白 行"),
        ("光\u200b伏\ufeff组\x00件\x1f", "光伏组件"),
        ("a\x85b\u2028c", "a b c"),
        ("e\u200b\u0301", "é"),
        ("\ud800孤\udfff立", "孤立"),
        ("㎏ ㏄ ①", "kg cc 1"),
        ("", ""),
        ("\u3000", ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("《谐波减速器》（试制）", "谐波减速器 试制", True),
        ("ＡＢＣ　有限公司", "abc有限公司", True),
        ("東方精工", "东方精工", True),
        ("NB-IoT 模组", "NBIoT模组", True),
        ("C++ 编译器", "C 编译器", False),
        ("谐波减速器", "谐波减速机", False),
        ("——", "……", False),
        ("——", "——", True),
    ],
)
def test_comparison_key(one: str, other: str, same: bool) -> None:
    assert (comparison_key(one) == comparison_key(other)) is same


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("ZL202310123456.7", "202310123456.7"),
        ("ZL 2023 1 0123456.7", "202310123456.7"),
        ("202310123456.7", "202310123456.7"),
        ("2023101234567", "202310123456.7"),
        ("ＺＬ２０２３１０１２３４５６．７", "202310123456.7"),
        ("zl202310123456.X", "202310123456.x"),
        ("CN202310123456.7", "202310123456.7"),
        ("202310123456", "202310123456"),
        ("CN 112345678 A", "cn112345678a"),
        ("CN112345678A", "cn112345678a"),
        ("ZL98123456.7", "zl981234567"),
        ("NJ-R-2026-00012", "njr202600012"),
        ("nj_r/2026 00012", "njr202600012"),
        ("", ""),
        ("。", ""),
    ],
)
def test_number_key(number: str, key: str) -> None:
    assert number_key(number) == key


@pytest.mark.parametrize(
    ("text", "size", "passages"),
    [
        ("一句。二句！三句？四句；", 6, ("一句。二句！", "三句？四句；")),
        ("一句。二句！三句？四句；", 100, ("一句。二句！三句？四句；",)),
        ("第一行\n第二行\n\n第三行", 4, ("第一行", "第二行", "第三行")),
        ("没有句号的一长串文字", 4, ("没有句号", "的一长串", "文字")),
        ("前半句很长，后半句也很长。", 8, ("前半句很长，", "后半句也很长。")),
        ("", 10, ()),
        (" \n\t ", 10, ()),
        ("短。", 1, ("短", "。")),
        ("End. Next sentence; more", 18, ("End. Next", "sentence; more")),
    ],
)
def test_chunks(text: str, size: int, passages: tuple[str, ...]) -> None:
    assert chunks(text, size) == passages


def test_chunks_by_default_fit_the_encoder() -> None:
    text = "该电解质膜在高温低湿条件下保持稳定的质子传导能力，使用寿命得到延长。" * 40
    passages = chunks(text)
    assert max(map(len, passages)) <= 350
    assert all(passage.endswith("。") for passage in passages)
    assert len(passages) == 4


def test_chunks_need_a_size() -> None:
    with pytest.raises(ValueError, match="size"):
        chunks("文字", 0)


def test_normalise_from_many_threads_at_once() -> None:
    start = threading.Barrier(8)

    def work(number: int) -> set[str]:
        start.wait()
        return {normalise(f"諧波減速器{number}") for _ in range(200)}

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert results == [{f"谐波减速器{number}"} for number in range(8)]
