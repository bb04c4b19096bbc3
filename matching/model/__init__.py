"""All tables, imported once so that the metadata is complete wherever it is asked for."""

from matching.model.base import Base, new_public_id
from matching.model.listings import (
    FormReceipt,
    Layer,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    NumberSeries,
    PairLook,
    Review,
    Revision,
    RevisionAmount,
    RevisionIndicator,
    RevisionIp,
    RevisionTag,
    TagState,
    TypedForm,
)
from matching.model.matches import Match, Verdict, ZoneMatching
from matching.model.people import Attempt, Contact, LoginSession, Membership, Organisation, Person, Role
from matching.model.reference import CodeValue, Grouping, Industry, ReferenceChange, Region, Zone, ZoneIndustry
from matching.model.work import OPEN_TASK, AuditEntry, ImportBatch, ImportRow, Job, Note, Pace, StoredVector, Task

__all__ = [
    "OPEN_TASK",
    "Attempt", "AuditEntry", "Base", "CodeValue", "Contact", "FormReceipt", "Grouping", "ImportBatch", "ImportRow",
    "Industry", "Job", "Layer", "Listing", "ListingIndustry", "ListingKind", "ListingState", "LoginSession", "Match",
    "Membership", "Note", "NumberSeries", "Organisation", "Pace", "Person", "ReferenceChange", "Region", "Review", "Revision",
    "RevisionIndicator", "RevisionIp", "RevisionTag", "Role", "StoredVector", "TagState", "Task", "Verdict", "Zone",
    "ZoneIndustry", "ZoneMatching", "new_public_id",
    "PairLook", "RevisionAmount", "TypedForm",
]  # fmt: skip
