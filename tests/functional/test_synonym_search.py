"""Synonyms in a search: they find, they can be switched off, and their effect is told before they are saved."""

import pytest

from matching.access import VISITOR
from matching.discovery import SearchRequest
from matching.errors import MayNot
from matching.model import Role
from matching.records import editor
from matching.synonyms import Group
from tests.functional.conftest import Platform
from tests.matching.world import result

TITLE = "机器人谐波减速器柔轮"


@pytest.fixture
def filled(platform: Platform) -> Platform:
    owner = platform.world.organisation("江南大学", kind="university")
    for title, summary in ((TITLE, "柔轮齿形修正。"), ("低铝银浆", "浆料中的铝含量降低。")):
        draft = result(organisation=owner.public_id, title=title, texts={"summary": summary}, industries=("robotics",))
        platform.world.published(owner, draft)
    platform.work()
    return platform


def words_find(platform: Platform, text: str, *, literal: bool = False, **chosen: list[str]) -> list[str]:
    """Titles that words alone find."""
    page = platform.parts.discovery.search(VISITOR, SearchRequest(text, chosen, literal=literal))
    return [hit.content.title for hit in page.hits if hit.words or hit.related]


def test_a_synonym_finds_unless_it_is_switched_off(filled: Platform) -> None:
    assert words_find(filled, "reducer") == [TITLE]
    assert words_find(filled, "reducer", literal=True) == []
    assert words_find(filled, "reducer", industry=["robotics"]) == [TITLE]


def test_a_new_group_is_in_force_with_the_next_search(filled: Platform) -> None:
    assert words_find(filled, "挠性齿圈") == []
    admin = filled.world.person(Role.ADMINISTRATOR)
    filled.world.do(editor.create, admin, "synonyms", {"name": "柔轮", "words": "挠性齿圈", "industry": "robotics"})
    assert words_find(filled, "挠性齿圈") == [TITLE]


def test_the_effect_is_told_before_it_is_saved(filled: Platform) -> None:
    admin = filled.world.person(Role.ADMINISTRATOR)
    group = Group("new", ("柔轮",), ("挠性齿圈",), False, ("robotics",))
    effects = filled.parts.synonym_effects.of(admin, group)
    assert effects is not None
    told = {each.word: (each.before, each.after, [title.title for title in each.incoming]) for each in effects}
    assert told == {"柔轮": (1, 1, []), "挠性齿圈": (0, 1, [TITLE])}
    assert words_find(filled, "挠性齿圈") == [], "nothing is saved"
    with pytest.raises(MayNot):
        filled.parts.synonym_effects.of(filled.world.person(Role.BROKER, zone="changzhou"), group)
    filled.parts.engine.close()
    assert filled.parts.synonym_effects.of(admin, group) is None
