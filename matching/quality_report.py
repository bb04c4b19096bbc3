"""What the figures of `zonematch evaluate` mean for a broker, as a page: written by that command, so that no number in it can
be out of date."""

from collections.abc import Mapping
from typing import Any, Final

COMMAND: Final = "zonematch evaluate DIRECTORY --folds 5 --report docs/quality.md"
_NAMES: Final = ("无", "弱", "较强", "强")
_SYSTEMS: Final = {"random": "random order", "bm25": "BM25 over our tokens", "plain_encoder": "the encoder as it comes"}


def markdown(report: Mapping[str, Any], ranker: Mapping[str, Any]) -> str:
    """`report` is that of `evaluation.evaluate`, `ranker` the shipped one as JSON."""
    return "\n".join((*_head(report), *_ranking(report), *_levels(report), *_zone(ranker), *_limits(report))) + "\n"


def _head(report: Mapping[str, Any]) -> list[str]:
    settings = report["settings"]
    how = f"{settings['weights']} weights"
    if "folds" in settings:
        how = f"in {settings['folds']} folds by need, each need ranked by weights that were learned without it"
    return [
        "# How good the matches are",
        "",
        f"Written by `{COMMAND}`; do not edit.",
        f"{report['needs']} needs and {report['pairs']} pairs, graded 0 to 3 by professional transfer staff; {how}.",
        f"Data `{report['data']}`, code `{report['code']}`, encoder `{settings['encoder']}`.",
        "",
    ]


def _ranking(report: Mapping[str, Any]) -> list[str]:
    intervals, gains = report["intervals"], report["gains"]
    rows = [
        ("nDCG@10", "ndcg@10", "how near the first ten come to the best order there is (1 is perfect)"),
        ("AUC", "auc", "chance that a good result stands before another one"),
        ("Spearman", "spearman", "agreement of our order with the grades"),
        ("1 / (1 + MAE)", "score_1_over_1_plus_mae", "how near our level is to the grade (1 is always the same)"),
        ("Calibration error", "calibration_error", "by how much our chance of a good pair is off, on average"),
    ]
    lines = [
        "## The order of a need's results",
        "",
        "| Figure | Value | 95 % over needs | What it says |",
        "|---|---|---|---|",
    ]
    lines += [f"| {name} | {report[key]:.4f} | {_span(intervals[key])} | {meaning} |" for name, key, meaning in rows]
    lines += ["", "| Compared with | its nDCG@10 | ours is better by | 95 % |", "|---|---|---|---|"]
    for key, name in _SYSTEMS.items():
        gain = gains[key]
        lines.append(
            f"| {name} | {report['baselines'][key]['ndcg@10']:.4f} | {gain['ndcg@10']:+.4f} | {_span(gain['interval'])} |"
        )
    lowest = gains["plain_encoder"]["interval"][0]
    told = "is better than" if lowest > 0 else "cannot be told from"
    return [*lines, "", f"The score {told} the encoder alone on these needs.", ""]


def _span(ends: list[float]) -> str:
    return f"{ends[0]:.4f} to {ends[1]:.4f}"


def _levels(report: Mapping[str, Any]) -> list[str]:
    lines = [
        "## What a level promises",
        "",
        "Among pairs that were chosen beforehand, as these were. A level is the grade that is reached with a chance of one half.",
        "",
        "| We said | pairs | people said 无 | 弱 | 较强 | 强 |",
        "|---|---|---|---|---|---|",
    ]
    for level, row in report["levels"].items():
        total = max(1, row["pairs"])
        shares = " | ".join(f"{100 * count / total:.0f} %" for count in row["grades"])
        lines.append(f"| {_NAMES[int(level)]} | {row['pairs']} | {shares} |")
    return [*lines, ""]


def _zone(ranker: Mapping[str, Any]) -> list[str]:
    told = ranker["provenance"]
    low, high = (100 * end for end in told["share_interval"])
    judged, assumed = 100 * told["share_of_good_pairs_judged"], 100 * told["share_of_good_pairs_assumed_in_a_zone"]
    return [
        "## In a whole zone",
        "",
        f"Of the judged pairs {judged:.0f} % are good (grade 2 or 3): somebody had chosen them.",
        f"In a zone we assume {assumed:.1f} % ({low:.1f} to {high:.1f} %).",
        f"That is estimated on {told['zone_pairs']} pairs of the demonstration's zones, drawn at random within three strata",
        "of score and graded by two graders who saw the texts",
        f"alone (weighted kappa {told['zone_kappa']:.2f}). The thresholds of the levels in a zone are learned on that sample.",
        "It was written to hold answers; in a real zone good pairs may be rarer, and its own verdicts move its thresholds.",
        "",
    ]


def _limits(report: Mapping[str, Any]) -> list[str]:
    return [
        "## Limits",
        "",
        "- The judged results are bare titles, cut to nouns and verbs: full texts, indicators and maturity are not tested here",
        "  (`zonematch evaluate --behaviour` does, on texts of our own).",
        "- Only judged pairs count: a good result that nobody judged is invisible to these figures.",
        "- Grades are noisy, and the same text sometimes carries two: a perfect score is out of reach for anybody.",
        f"- {report['needs']} needs leave the intervals above; differences smaller than they are, are not differences.",
        "- The graders of the zone sample are language models with a broker's rubric, no zone staff.",
    ]
