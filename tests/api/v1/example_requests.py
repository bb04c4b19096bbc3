"""What the API's examples ask: operation → who asks what. The answers are recorded by `python -m tests.api.v1.example_world`."""

from typing import Any, Final

UNIVERSITY: Final = "h3n8q5w2k7rt"
IDS: Final = {
    "paste": "kq7m2x9rt4bd",
    "silver": "n5w8c3h6y2pk",
    "draft-result": "d4r7t2m9q6xz",
    "waiting-result": "w8k3p6n2h5rb",
    "draft-need": "d9n4k7w2c5ht",
    "waiting-need": "w2q6m9t4x7yd",
}
"""Key in the world → the id that the examples name."""
PASTE, SILVER = IDS["paste"], IDS["silver"]
BATCH: Final = "b6t3w9k2m5qh"
COMMITTED: Final = "c7r4x8n2d6pz"
WORK: Final = {"changzhou": ("j5m8q2t7w4kc", "waiting"), "kunshan": ("j9c6h3x5r2nb", "failed")}
WAITING_WORK, FAILED_WORK = (public_id for public_id, _ in WORK.values())
SHEET: Final = """成果名称,单位名称,成果简介,合作价格,战略产业
低银浆料的丝网印刷工艺,测试理工大学,浆料银含量降到七成，线宽 18 微米。,60-120 万元,光伏
,测试理工大学,没有名称的一行。,,光伏
"""
SEEN: Final = {"If-Match": '"{version}"'}
"""The version is put in when the example is recorded."""
KEYED: Final = {"Idempotency-Key": "7d6f1f7e-2a4b-4c1d-9e55-0b8f3f1c2a90"}
RESULT: Final[dict[str, Any]] = {
    "title": "低铝银浆与激光辅助接触",
    "texts": {"summary": "浆料中的铝含量压到 0.3 wt% 以下，随后用激光沿栅线扫描。"},
    "indicators": [{"name": "单片银耗", "comparator": "<=", "high": 60, "unit": "mg"}],
    "industries": ["pv"],
    "maturity": "pilot",
    "modes": ["02", "03"],
    "price_min_fen": 60_000_000,
    "price_max_fen": 120_000_000,
}
NEED: Final[dict[str, Any]] = {
    "title": "电池片正面银浆单耗再降三成",
    "texts": {"detail": "两条线的正面栅线仍用含铝浆，单片银耗 88 mg，希望降到 60 mg 以下。"},
    "industries": ["pv"],
    "maturity": "pilot",
    "amounts": {"budget": {"max_fen": 150_000_000}},
    "valid_until": "2027-05-31",
}


def ask(
    login: str | None = None,
    *,
    path: dict[str, str] | None = None,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
) -> dict[str, Any]:
    parts = {"path": path, "query": query, "headers": headers, "body": body}
    return {"as": login, **{name: part for name, part in parts.items() if part is not None}}


def listing(key: str) -> dict[str, str]:
    return {"listing": IDS[key]}


REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "list_zones": ask(),
    "read_zone": ask(path={"zone": "changzhou"}),
    "list_industries": ask(),
    "read_industry": ask(path={"industry": "pv"}),
    "list_code_lists": ask(),
    "read_code_list": ask(path={"code_list": "maturity"}),
    "list_own_organisations": ask("provider"),
    "read_organisation": ask(path={"organisation": UNIVERSITY}),
    "list_results": ask(query={"industry": "pv", "maturity": "pilot", "limit": "1"}),
    "list_needs": ask(query={"zone": "changzhou", "limit": "1"}),
    "read_result": ask("provider", path=listing("paste")),
    "read_need": ask(path=listing("silver")),
    "read_result_contacts": ask("provider", path=listing("draft-result")),
    "read_need_contacts": ask("seeker", path=listing("draft-need")),
    "list_my_results": ask("provider", query={"limit": "1"}),
    "list_my_needs": ask("seeker", query={"limit": "1"}),
    "list_result_matches": ask("provider", path=listing("paste"), query={"limit": "1"}),
    "explain_pair": ask("provider", query={"need": SILVER, "result": PASTE}),
    "list_need_matches": ask("seeker", path=listing("silver"), query={"limit": "1"}),
    "say_of_result": ask(
        "provider", path={"listing": PASTE, "other": SILVER}, headers=KEYED, body={"fits": False, "reason": "price"}
    ),
    "say_of_need": ask("seeker", path={"listing": SILVER, "other": PASTE}, headers=KEYED, body={"fits": True}),
    "search": ask(query={"q": "低温烧结 银浆", "kind": "result", "limit": "1"}),
    "create_result": ask("provider", headers=KEYED, body=RESULT | {"then": "submit"}),
    "create_need": ask("seeker", headers=KEYED, body=NEED),
    "edit_result": ask("provider", path=listing("draft-result"), headers=SEEN, body=RESULT),
    "edit_need": ask("seeker", path=listing("draft-need"), headers=SEEN, body=NEED),
    "submit_result": ask("provider", path=listing("draft-result"), headers=SEEN),
    "submit_need": ask("seeker", path=listing("draft-need"), headers=SEEN),
    "publish_result": ask("staff", path=listing("waiting-result"), headers=SEEN),
    "publish_need": ask("staff", path=listing("waiting-need"), headers=SEEN),
    "send_back_result": ask(
        "staff", path=listing("waiting-result"), headers=SEEN, body={"reasons": {"summary": "请写明烧结温度。"}}
    ),
    "send_back_need": ask("staff", path=listing("waiting-need"), headers=SEEN, body={"reasons": {"general": "请写明验收办法。"}}),
    "withdraw_result": ask("provider", path=listing("paste"), headers=SEEN),
    "withdraw_need": ask("seeker", path=listing("silver"), headers=SEEN),
    "renew_result": ask("provider", path=listing("paste"), headers=SEEN, body={"until": "2027-12-31"}),
    "renew_need": ask("seeker", path=listing("silver"), headers=SEEN, body={}),
    "decide_result_industries": ask(
        "provider", path=listing("paste"), headers=SEEN, body={"confirmed": ["new-materials"], "rejected": []}
    ),
    "decide_need_industries": ask("staff", path=listing("silver"), headers=SEEN, body={"confirmed": ["new-energy"]}),
    "list_waiting": ask("staff", query={"limit": "1"}),
    "read_desk": ask("broker", path={"zone": "changzhou"}, query={"limit": "1"}),
    "list_desk_matches": ask("broker", path={"zone": "changzhou", "need": SILVER}, query={"show": "waiting"}),
    "give_verdict": ask("broker", path={"zone": "changzhou"}, headers=KEYED, body={"need": SILVER, "result": PASTE, "grade": 3}),
    "undo_verdict": ask("staff", path={"zone": "changzhou"}, headers=KEYED),
    "begin_import": ask(
        "staff", query={"kind": "result", "file_name": "成果.csv", "zone": "changzhou", "unit": "wan"}, headers=KEYED, body=SHEET
    ),
    "list_imports": ask("staff", query={"limit": "1"}),
    "read_import": ask("staff", path={"batch": BATCH}),
    "list_import_rows": ask("staff", path={"batch": BATCH}, query={"verdict": "error"}),
    "commit_import": ask("staff", path={"batch": BATCH}, headers=KEYED),
    "cancel_import": ask("staff", path={"batch": BATCH}, headers=KEYED),
    "change_import_policy": ask("staff", path={"batch": BATCH}, headers=KEYED, body={"existing": "skip", "similar": "leave"}),
    "retry_import": ask("staff", path={"batch": BATCH}, headers=KEYED),
    "undo_import": ask("staff", path={"batch": COMMITTED}, headers=KEYED),
    "read_import_errors": ask("staff", path={"batch": BATCH}),
    "list_work": ask("admin", query={"kind": "match_zone", "limit": "1"}),
    "read_work": ask("admin", path={"work": WAITING_WORK}),
    "begin_work": ask("staff", headers=KEYED, body={"kind": "match_zone", "zone": "changzhou"}),
    "cancel_work": ask("admin", path={"work": WAITING_WORK}, headers=KEYED),
    "retry_work": ask("admin", path={"work": FAILED_WORK}, headers=KEYED),
}
