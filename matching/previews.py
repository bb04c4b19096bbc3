"""What a draft would look like to its readers if it were published as it stands. Pure: nothing is checked, nothing stored."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from matching.content import Content, IndustryTag, OrganisationRef
from matching.drafts import KnownCodes, ListingDraft
from matching.model import Layer, ListingState, TagState
from matching.model.fields import BY_CODE
from matching.reference import IndustryNode


def preview(
    draft: ListingDraft,
    owner: OrganisationRef,
    known: KnownCodes,
    nodes: Mapping[int, IndustryNode],
    now: datetime,
    base: Content | None = None,
) -> Content:
    """The draft as content. What lists do not know, and what is no number, is left out; suggested industries are those of `base`,
    the stored text."""
    named = {code: known.industries[code] for code in draft.industries if code in known.industries}
    tags = tuple(
        IndustryTag(id_, code, nodes[id_].name, nodes[id_].name_en, TagState.CONFIRMED, "owner", 1.0, {})
        for code, id_ in named.items()
    )
    if base is not None and not tags:
        tags = base.used_industries
    trl = (draft.trl, draft.trl) if draft.trl is not None else known.trl_of(draft.maturity)
    found = Content(
        id=0,
        public_id="",
        kind=draft.kind,
        number=None,
        state=ListingState.DRAFT,
        version=0,
        revision=1,
        latest_revision=1,
        published_revision=None,
        document_revision=0,
        organisation=owner,
        addressed_zone_id=known.zones.get(draft.addressed_zone or ""),
        title=draft.title,
        texts={code: text for code, text in draft.texts.items() if code in BY_CODE},
        layers={code: layer for code, layer in draft.layers.items() if code in BY_CODE and layer in set(Layer)},
        maturity=draft.maturity,
        trl=trl,
        price_min_fen=draft.price_min_fen,
        price_max_fen=draft.price_max_fen,
        need_type=draft.need_type,
        completed_on=draft.completed_on,
        wanted_by=draft.wanted_by,
        valid_until=draft.valid_until,
        published_at=None,
        submitted_at=None,
        updated_at=now,
        demo=owner.demo,
        indicators=tuple(replace(each, low=_finite(each.low), high=_finite(each.high)) for each in draft.indicators),
        ip=draft.ip,
        modes=draft.modes,
        industries=tags,
        tags=draft.tags,
        amounts=draft.amounts,
        days=draft.days,
    )
    if base is None:
        return found
    return replace(
        found, public_id=base.public_id, number=base.number, published_at=base.published_at, revision=base.latest_revision + 1
    )  # fmt: skip


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
