"""Chinese words on English pages are marked for screen readers, and nothing else of a page changes."""

import re

import pytest

from web.chinese import mark_chinese

ZH = ' lang="zh-CN"'


@pytest.mark.parametrize(
    ("html", "marked"),
    [
        ("<p>Results</p>", "<p>Results</p>"),
        ("<h1>低温烧结银浆</h1>", f"<h1{ZH}>低温烧结银浆</h1>"),
        ('<a href="/r/1">TOPCon 正面银浆，650 ℃ 烧结</a>', f'<a href="/r/1"{ZH}>TOPCon 正面银浆，650 ℃ 烧结</a>'),
        ("<p>Graded by 王工 on Monday</p>", f"<p>Graded by <bdi{ZH}>王工</bdi> on Monday</p>"),
        ("<p>Two firms: 甲厂 &amp; 乙厂</p>", f"<p>Two firms: <bdi{ZH}>甲厂</bdi> &amp; <bdi{ZH}>乙厂</bdi></p>"),
        ("<p>银<mark>浆</mark>料</p>", f"<p><bdi{ZH}>银</bdi><mark{ZH}>浆</mark><bdi{ZH}>料</bdi></p>"),
        ('<a lang="zh-CN">中文</a>', '<a lang="zh-CN">中文</a>'),
        ('<input name="t" value="银浆">', f'<input name="t" value="银浆"{ZH}>'),
        ("<textarea>Ag 银浆 for our own line</textarea>", f"<textarea{ZH}>Ag 银浆 for our own line</textarea>"),
        ('<input type="radio" value="万元">', '<input type="radio" value="万元">'),
        ("<option>Some words about 银浆</option>", "<option>Some words about 银浆</option>"),
        ("<option>　银浆</option>", f"<option{ZH}>　银浆</option>"),
        ('<script src="a.js">"中文"</script>', '<script src="a.js">"中文"</script>'),
        ('<a title="银浆">Silver</a>', '<a title="银浆">Silver</a>'),
    ],
)  # fmt: skip
def test_marks(html: str, marked: str) -> None:
    assert mark_chinese(html) == marked
    assert mark_chinese(marked) == marked
    assert re.sub(r"</?bdi[^>]*>| lang=\"zh-CN\"", "", marked) == re.sub(r" lang=\"zh-CN\"", "", html), "only marks are added"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["银" + "a" * 400_000, "银 a 1," * 20_000, ("银" + "a" * 5_000) * 50, "a " * 100_000 + "银", "<" * 9 + "银"]
)
def test_no_text_makes_it_slow(text: str) -> None:
    page = f"<p>{text.replace('<', '&lt;')}</p>"
    assert re.sub(r"</?bdi[^>]*>| lang=\"zh-CN\"", "", mark_chinese(page)) == page
