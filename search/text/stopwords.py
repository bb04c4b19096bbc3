"""Words that are in every text and tell texts apart in none. Short on purpose: rarity does the rest in the ranking."""

from typing import Final

_CHARACTERS: Final = (
    "的了和与及或在是为对由以从将被把等该此其之而且并但若则所于中上下内外个种项各本这那也都又还就才很更最较已能可会要有无不未"
    "即如当因至向到使让给用来去着过得地吗呢吧啊们你我他她它您某每既乃虽一两再后时均经仅仍却约第出起呈达"
)
_WORDS: Final = """
以及 或者 并且 而且 但是 因此 所以 如果 由于 由此 从而 其中 其他 其它 这种 这些 那些 该项 此外 另外 同时 通过
根据 按照 对于 关于 针对 随着 进行 一种 一个 一些 一定 多种 各种 各类 基于 采用 具有 可以 能够 以上 以下 之间
之一 等等 我们 我司 我院 我校 我所 他们 本项 本公司 本项目 本单位 贵司 目前 现有 现在 已经 正在 将要 希望 寻求
寻找 诚邀 拟 拟将 期望 欢迎 有限公司 有限责任公司 股份有限公司 不仅 不但 而是 就是 还是 即可 从事 相关 有关
the an of and or for to in on with by is are be as at from that this
"""

STOP_WORDS: Final = frozenset(_CHARACTERS) | frozenset(_WORDS.split())
