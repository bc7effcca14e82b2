"""What is sent or told and must be worked out first: "email the 2025 report of C-2 to Kim" is two clauses."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.parts.labels import Classify, Models, ranked

SURE_OF_OBJECT: Final = 0.7
_SENDS: Final = re.compile(
    r"(?:please\s+)?(?P<verb>send|e-?mail|mail|forward|text)\s+(?P<what>(?:the|our|a|an|their|its|customer)\s.+?)\s+to\s+(?P<who>.+)$",
    re.IGNORECASE,
)
_SENDS_WHOM: Final = re.compile(
    r"(?:please\s+)?(?P<verb>send|e-?mail|mail|text|give|forward)\s+(?P<who>\S+@\S+|(?:the|our|my)\s+(?:\w+\s+){0,2}?(?:manager|engineer|team|owner|customer|tenant|landlord|cfo|director|desk|operator|lead))\s+(?P<what>(?:the|our|a|an|their|its)\s.+)$"
    r"|(?:please\s+)?(?P<tell>notify|inform|tell|let|brief|update)\s+(?P<whom>.+?)\s+(?P<how>(?:by|via|per)\s+(?:e-?mail|mail|text|sms|portal|text\s+message)\s+)?(?:of|about|on|know)\s+(?P<about>(?:the|our|its)\s.+)$",
    re.IGNORECASE,
)
"""What is sent stands behind who gets it: "email kim@x.example the results of ..."."""
_TELLS_OF: Final = re.compile(
    r"(?:please\s+)?(?P<verb>(?:summari[sz]e|explain|describe)\b(?:\s+(?:to|for)\s+(?:the|our|my)\s+\w+)?(?:,?\s+(?:in\s+(?:\w+\s+){0,2}(?:words|sentences?|lines|paragraphs?|english|terms)|briefly|simply|shortly),?)?)\s+(?P<what>(?:what|why|how|the)\s.+)$",
    re.IGNORECASE,
)


def with_objects(clauses: Sequence[Clause], classify: Classify, models: Models) -> list[Clause]:
    """What is sent or told and must be worked out first ("email the 2025 report of C-2 to ...") as a clause of its own."""
    found: list[Clause] = []
    stages = 0
    for each in clauses:
        clause = replace(each, group=each.group + stages)
        match = _SENDS.match(clause.text) or _SENDS_WHOM.match(clause.text) or _TELLS_OF.match(clause.text)
        named = {key: value for key, value in match.groupdict().items() if value} if match else {}
        what = named.get("what") or named.get("about") or ""
        made = ranked(what, classify, models) if any(map(str.isdigit, what)) else ()
        if not named or not made or made[0].score < SURE_OF_OBJECT or not models[made[0].tool].tool.spec.reads_only:
            found.append(clause)
            continue
        rest = _rest(named)
        behind = replace(clause, text=rest, relation="then", lead="", group=clause.group + 1)
        found += [replace(clause, text=what, asked=True), behind]
        stages += 1
    return found


def _rest(named: Mapping[str, str]) -> str:
    """The order to send or tell, without what is sent."""
    if "tell" in named:
        return f"{named['tell']} {named['whom']} {named.get('how', '')}about it"
    return f"{named['verb']} it to {named['who']}" if "who" in named else f"{named['verb']} {named['what']}"
