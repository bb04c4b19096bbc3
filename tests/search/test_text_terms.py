"""Terms by example: what people type must meet what they wrote."""

import subprocess
import sys
from pathlib import Path

import pytest

import search
from search.text import TOKENISER_VERSION, terms, tokeniser_version
from search.text.cutting import LONGEST_TERM
from search.text.stopwords import STOP_WORDS


@pytest.mark.parametrize(
    ("text", "included"),
    [
        ("谐波减速器", {"谐波", "减速", "减速器"}),
        ("光伏组件", {"光伏", "组件"}),
        ("动力电池", {"动力", "电池", "动力电池"}),
        ("质子交换膜", {"质子", "交换", "膜"}),
        ("LiNi0.8Co0.1Mn0.1O2", {"lini0.8co0.1mn0.1o2", "lini0.8", "co0.1", "mn0.1", "o2"}),
        ("LiFePO4", {"lifepo4"}),
        ("TOPCon", {"topcon"}),
        ("316L", {"316l", "316"}),
        ("C++", {"c++"}),
        ("C#", {"c#"}),
        ("NB-IoT", {"nb-iot", "nb", "iot", "nbiot"}),
        ("Wi-Fi6", {"wi-fi6", "wi", "fi6", "wifi6"}),
        ("ZL202310123456.7", {"zl202310123456.7", "202310123456.7", "202310123456"}),
        ("ZL 2023 1 0123456.7", {"zl202310123456.7", "202310123456.7", "202310123456"}),
        ("CN 112345678 A", {"cn112345678a", "112345678"}),
        ("GB/T 1234-2020", {"gb/t", "gb", "1234-2020", "1234", "2020"}),
        ("3.14", {"3.14"}),
        ("1,234,567", {"1234567"}),
        ("0.5mm", {"0.5mm", "0.5", "mm"}),
        ("25℃", {"25°c", "25"}),
        ("25摄氏度", {"摄氏度", "25°c", "25"}),
        ("25 °C", {"°c", "25°c", "25"}),
        ("25ºC", {"25°c"}),
        ("5 微米级", {"5um", "微米", "5"}),
        ("φ5mm", {"5mm", "φ5mm"}),
        ("1,500 mm", {"1500mm", "1500", "mm"}),
        ("30㎡", {"30m2"}),
        ("30m^2", {"30m2"}),
        ("30平方米", {"30m2", "平方米"}),
        ("20kW·h", {"20kwh"}),
        ("500兆帕", {"500mpa", "兆帕"}),
        ("3000转/分", {"3000rpm"}),
        ("5G", {"5g"}),
        ("v2.0.1", {"v2.0.1"}),
        ("5000r/min", {"5000r/min", "min"}),
        ("ｓｃａｒａ機器人", {"scara", "机器", "机器人"}),
        ("日本語のテキスト", {"日本", "のテキスト"}),
        ("한국어 문서", {"한국어", "문서"}),
        ("Ångström", {"ångström"}),
        ("CuSO4·5H2O", {"cuso4·5h2o", "cuso4", "5h2o"}),
    ],
)
def test_terms_hold(text: str, included: set[str]) -> None:
    assert included <= set(terms(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("，。！", ()),
        ("的和与及", ()),
        ("🔋", ()),
        ("topcon TOPCon", ("topcon", "topcon")),
        ("25℃", ("25", "25°c")),
        ("10升级", ("10", "升级")),
        ("3 s", ("3", "s")),
        ("12 000 r/min", ("12", "000", "min", "r/min")),
        ("316", ("316",)),
        ("_", ()),
        ("a_b", ("a_b",)),
        ("C", ("c",)),
        ("the cell", ("cell",)),
        ("100，200", ("100", "200")),
        ("１００，２００", ("100200",)),
        ("10,000，316", ("10000", "316")),
    ],
)
def test_terms_exactly(text: str, expected: tuple[str, ...]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("一种基于视觉的检测方法", {"一种", "基于", "的"}),
        ("我司希望寻求轴承供应商", {"我司", "希望", "寻求"}),
        ("company", {"co", "com"}),
    ],
)
def test_terms_leave_out(text: str, unwanted: set[str]) -> None:
    assert terms(text)
    assert not unwanted & set(terms(text))


@pytest.mark.parametrize("text", ["a" * 5000, "1" * 5000, "a1" * 2500, "a-b" * 1000, "+" * 5000, "电" * 5000, "a." * 2500])
def test_monsters_give_terms_of_bounded_length(text: str) -> None:
    assert all(0 < len(term) <= LONGEST_TERM for term in terms(text))


def test_a_word_is_found_whatever_stands_around_it() -> None:
    """Neighbours change the best cut, never whether a dictionary word is a term."""
    for word in ("减速器", "光伏", "电池", "传感器", "石墨", "轴承", "人工智能", "芯片"):
        for before, after in (("高", "化"), ("研究", "生产"), ("发展中", "国家"), ("大", "学生"), ("一", "二"), ("x", "9")):
            assert set(terms(word)) <= set(terms(before + word + after)), (before, word, after)


def test_stop_words_are_in_their_normal_form() -> None:
    from search.text import normalise

    assert {normalise(word) for word in STOP_WORDS} == STOP_WORDS


def test_added_words_in_a_process_of_its_own() -> None:
    """Words are added for the whole process, so another process is asked."""
    program = """
from search.text import TOKENISER_VERSION, add_words, terms, tokeniser_version
word, text = "区业通", "区业通平台"
assert word not in terms(text)
assert tokeniser_version() == TOKENISER_VERSION
add_words(["區業通", "谐波减速器", "5G", "x", "", "a b"])
first = tokeniser_version()
assert first.startswith(TOKENISER_VERSION + "+")
assert word in terms(text)
assert {"谐波", "减速器", "谐波减速器"} <= set(terms("高精度谐波减速器"))
add_words(["谐波减速器"])
assert tokeniser_version() == first
add_words(["超导磁储能"])
assert tokeniser_version() != first
assert word in terms(text) and "超导磁储能" in terms("超导磁储能装置")
print("done")
"""
    root = Path(search.__file__).parent.parent
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr


def test_the_version_names_the_tokeniser() -> None:
    assert tokeniser_version().startswith(TOKENISER_VERSION)
