"""What cannot be true of the arguments of one call together: order of times, sums, circles, whatever the words were."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.balance import LONGEST_EVENT_H
from redaptive.orchestration.intelligent.planners.refusals.limits import IN_THOUGHT
from redaptive.orchestration.intelligent.planners.refusals.relations import CIRCLE, in_a_circle
from redaptive.orchestration.intelligent.planners.values.numerals import LONGEST_SNOOZE_DAYS
from redaptive.orchestration.plans.schema import Json

_MONTH: Final = re.compile(r"\d{4}(?:-\d\d)?")
_UNTIL: Final = re.compile(r"\b(?:until|till?|through|thru|up\s+to|to|by|for)\b", re.IGNORECASE)
_ALL_OF_THEM: Final = re.compile(
    r"\b(?:fund|finance|do|take|buy|build|include|approve|pick|choose|select)\s+(?:both|all)\b(?!\s+(?:that|which|those|you|of\s+those))|"
    r"\b(?:both|all(?:\s+(?:of\s+them|three|four|five|\d+))?)\b[^.;?]{0,60}\b(?:must|have\s+to|need\s+to|shall|in\s+full)\b",
    re.IGNORECASE,
)
_EXCLUDED: Final = re.compile(
    r"\b(?:exclud\w+|rul\w+\s+out)\s+(?:each\s+other|one\s+another)|\bmutually\s+exclusive\b|\beither\s+\S+\s+or\s+\S+,?\s+(?:but\s+)?(?:not|never)\s+both\b",
    re.IGNORECASE,
)


def contradiction(args: Mapping[str, Json], now: datetime | None = None, text: str = "") -> str | None:
    """What cannot be true of a call's arguments together, as the words of the request want them; None where all can.

    >>> contradiction({"start": "2026-05-20", "end": "2026-05-02"})
    'It would end (2026-05-02) before it begins (2026-05-20).'
    """
    return _times(args, now, text) or _figures(args, text) or _waiting(args) or _chosen(args, text)


def _times(args: Mapping[str, Json], now: datetime | None, text: str) -> str | None:
    for first, second in (("start", "end"), ("event_start", "event_end"), ("install_start", "install_end")):
        begin, end = args.get(first), args.get(second)
        if isinstance(begin, str) and isinstance(end, str) and begin[:1] != "$" and end[:1] != "$" and end < begin:
            return f"It would end ({end[:16]}) before it begins ({begin[:16]})."
    begins, ends = _given(args.get("event_start")), _given(args.get("event_end"))
    if begins and ends and ends - begins > timedelta(hours=LONGEST_EVENT_H):
        return f"A demand response event lasts at most {LONGEST_EVENT_H} hours."
    until = _given(args.get("snooze_until"))
    if until and now and until > now + timedelta(days=LONGEST_SNOOZE_DAYS):
        return f"An alert is snoozed for at most {LONGEST_SNOOZE_DAYS} days."
    if until and now and until < now - timedelta(days=1) and (not text or _UNTIL.search(text)):
        return f"An alert cannot be snoozed until a time that is over ({until:%Y-%m-%d})."
    for name in ("period", "baseline", "reporting"):
        first, joint, last = str(args.get(name) or "").partition("..")
        if joint and _MONTH.fullmatch(first) and _MONTH.fullmatch(last) and last < first[: len(last)]:
            return f"It would end ({last}) before it begins ({first})."
    before, after = args.get("baseline"), args.get("reporting")
    if before == after and text.count(str(before)[:4]) == 1:
        return None  # one period was said, and not for both
    if isinstance(before, str) and isinstance(after, str) and "$" not in (before[:1], after[:1]) and after <= before:
        return f"The reporting period ({after}) must come after the baseline ({before})."
    return None


def _figures(args: Mapping[str, Json], text: str) -> str | None:
    supply, back = args.get("chws_f"), args.get("chwr_f")
    if isinstance(supply, int | float) and isinstance(back, int | float) and supply >= back:
        return f"Chilled water leaves at {supply:g} degF and returns at {back:g} degF: that cools nothing."
    whole, earned = args.get("budget_at_completion_usd"), args.get("earned_value_usd")
    if _figure(earned) > _figure(whole) > 0:
        return "The earned value cannot exceed the whole budget of the project."
    if args.get("budget_usd") == 0 and not IN_THOUGHT.search(text):
        return "A budget of nothing buys no project. Give what there is to spend."
    for spread in (args.get("savings_spread"), args.get("capex_spread")):
        if isinstance(spread, dict) and _figure(spread.get("p10")) > _figure(spread.get("p90")) > 0.0:
            return "P10 is the low end of a spread and P90 the high one."
    return None


def _waiting(args: Mapping[str, Json]) -> str | None:
    """Tasks that wait for each other in a circle."""
    tasks = [task for task in _items(args, "tasks") if isinstance(task.get("predecessors"), list)]
    waits = {str(task.get("task_id")): [str(one) for one in _listed(task["predecessors"])] for task in tasks}
    return CIRCLE if in_a_circle((task, one) for task, before in waits.items() for one in before) else None


def _chosen(args: Mapping[str, Json], text: str) -> str | None:
    """Projects that are all to be chosen, though they exclude each other or cost more than there is."""
    if not _ALL_OF_THEM.search(text):
        return None
    if _EXCLUDED.search(text):
        return "What excludes each other cannot be chosen together."
    cost = sum(_figure(each.get("capex_usd")) for each in _items(args, "candidates"))
    budget = _figure(args.get("budget_usd"))
    if cost > budget > 0.0:
        return f"Together they cost ${cost:,.0f}, more than the budget of ${budget:,.0f}."
    return None


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _items(args: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    """The objects of a list that was given."""
    return [each for each in _listed(args.get(name)) if isinstance(each, dict)]


def _given(moment: Json) -> datetime | None:
    """A moment that was given, on the clock where it is; none for a reference or for nothing."""
    if not isinstance(moment, str) or moment[:1] == "$":
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=None)


def _figure(value: Json) -> float:
    """A figure given as a number or as text of one; zero for a reference and for nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, str) and re.fullmatch(r"\d+(?:\.\d+)?", value) else 0.0
