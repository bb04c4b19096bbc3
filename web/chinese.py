"""On English pages, which words are Chinese: what people wrote and what has no English name. Screen readers go by `lang`.

Done to the finished HTML, because such words come through every template. An element that holds nothing else is marked itself;
a stretch inside English words gets a `bdi` of its own, an element that no style sheet and no script of ours knows.
"""

import re
from typing import Final

LANG: Final = ' lang="zh-CN"'
_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff"
_BETWEEN: Final = r"[^A-Za-z<>&]{0,12}"
_STRETCH: Final = re.compile(
    rf"[{_HAN}](?:{_BETWEEN}(?:[A-Za-z][A-Za-z0-9_.+/-]{{0,40}}{_BETWEEN})?[{_HAN}])*[\u3000-\u303f\uff01-\uff5e]*"
)
"""Chinese with what belongs into it: figures, punctuation, a Latin word or formula at a time."""
_HAS: Final = re.compile(f"[{_HAN}]")
_TAG: Final = re.compile(r"(<[^<>]+>)")
_NAME: Final = re.compile(r"<([a-z][\w-]*)")
_FIELD: Final = re.compile(r'<input\b(?![^>]* type="(?:hidden|radio|checkbox|submit)")')
_ENGLISH: Final = re.compile(r"[A-Za-z]{2}\s+[A-Za-z]{2}")
_WHOLE_ONLY: Final = frozenset({"title", "option", "textarea"})
"""Elements that hold no others."""
_SKIPPED: Final = frozenset({"script", "style", "code"})


def mark_chinese(html: str) -> str:
    """The same page with the Chinese in it marked. Texts of attributes but for what stands in a field stay as they are."""
    if not _HAS.search(html):
        return html
    parts = _TAG.split(html)
    for at in range(0, len(parts), 2):  # texts; tags stand between them
        if at and _HAS.search(parts[at - 1]) and _FIELD.match(parts[at - 1]):
            parts[at - 1] = _marked(parts[at - 1])
        if not _HAS.search(parts[at]):
            continue
        before = parts[at - 1] if at else ""
        after = parts[at + 1] if at + 1 < len(parts) else ""
        found = _NAME.match(before)
        name = found[1] if found else ""
        if name in _SKIPPED or " lang=" in before:
            continue
        fills = bool(name) and after == f"</{name}>"
        if fills and (name == "textarea" or not _ENGLISH.search(_STRETCH.sub("", parts[at]))):
            parts[at - 1] = _marked(before)
        elif name not in _WHOLE_ONLY:
            parts[at] = _STRETCH.sub(lambda stretch: f"<bdi{LANG}>{stretch[0]}</bdi>", parts[at])
    return "".join(parts)


def _marked(tag: str) -> str:
    if " lang=" in tag:
        return tag
    end = 2 if tag.endswith("/>") else 1
    return f"{tag[:-end].rstrip()}{LANG}{tag[-end:]}"
