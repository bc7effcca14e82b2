"""Clauses that only say how things are: "the valve is shut", "lasts 12 years", "would rather not be caught off guard"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import asks, commands

_HELPING: Final = r"is|are|was|were|am|has|have|had|will|would|can|could|might|may|does|did"
_SUBJECT: Final = r"(?:i|we|they|he|she|it|that|this|these|those|there|nobody|no\s+one|somebody|someone|everybody|everyone|who|some|most|both|all|the|our|my|their|its|his|her|an?|your)\b|(?-i:[A-Z][\w'-]*)"
_THIRD: Final = r"(?:says|thinks|knows|insists|trusts|claims|believes|looks|seems|sounds|feels|appears|belongs|contains|holds|serves|runs|draws|makes|saves|lasts|reads|pays|takes|gives|gets|goes|comes|sits|stands|works|smells|depends|keeps|leaves|competes|hates|loves|likes|lives|happens|remains|starts|ends|arrives|moves|grows|drops|falls|rises|commits|insist|trust|claim|work|stand|sit|run|happen|arrive|belong)"
_NO_VERB_BEHIND: Final = r"(?<!\bof\s)(?<!\bthe\s)(?<!\ban\s)(?<!\ba\s)(?<!\bfor\s)(?<!\bin\s)(?<!\bat\s)(?<!\bon\s)(?<!\bwith\s)(?<!\bby\s)(?<!\bto\s)(?<!\bour\s)(?<!\bits\s)(?<!\band\s)(?<!\bor\s)"
"""Behind these words a participle is an adjective: "an offer of shared savings"."""
_FINITE: Final = rf"(?:{_HELPING}|'s|got|gave|took|said|hear|heard|knew|went|came|left|made|told|saw|found|kept|sent|put|{_THIRD}|{_NO_VERB_BEHIND}\w{{3,}}ed(?=\s+(?!savings\b|value\b|price\b|fee\b|offer\b))|\w{{3,}}s(?=\s+(?:our|my|us|me|him|her)\b))"
_STATES: Final = re.compile(
    rf"(?:{_SUBJECT})(?:\s+[\w'-]+){{0,7}}?\s+{_FINITE}\b|(?:i|we|they)\s+(?:hear|know|think|guess|hope|suppose|believe|see|feel|fear|doubt)\b",
    re.IGNORECASE,
)
_SUBJECTLESS: Final = re.compile(
    rf"(?:{_HELPING})\s+(?:rather|not|also|never|still|now|been|be|then|just|already|expected|supposed|due|likely|going|[a-z]+ed|(?!anything|something|everything|nothing|building)[a-z]+ing)\b"
    r"|(?:lasts?|costs|saves|runs|takes|draws|returns|pays|brings|yields|earns|comes|serves|carries|covers|trusts|says|knows|thinks)\s+(?:\$?\d[\d,.]*|about|around|roughly|us|the|an?|some|in|to|at|none|nothing|nobody)\b",
    re.IGNORECASE,
)
_CODED: Final = re.compile(
    rf"(?:alert|alarm|project|change\s+order)\s+\S*\d\S*\s+(?:keeps?|goes|won't|{_HELPING})\b(?!.*\b(?:should|must|to\s+be)\b)",
    re.IGNORECASE,
)
"""What is told of a thing whose noun could be an order: "alert b77 keeps nagging me"."""
_PURPOSE: Final = re.compile(
    r"(?:help|let)\s+(?:me|us)\s+(?:make|build|win|prepare|be|get\s+(?:ready|prepared|through))\b", re.IGNORECASE
)
_WANTS: Final = re.compile(
    r"\b(?:wants?|needs?|would\s+like|'d\s+like|wish(?:es)?|requires?|looking\s+for|look\s+for|ask(?:s|ed)?|expects?|demands?|must\s+have|should|must|shall|deserves?|interested|curious|wonder(?:s|ing)?)\b",
    re.IGNORECASE,
)


def states(text: str) -> bool:
    """Whether a clause tells of something and asks for nothing.

    >>> states("the valve is shut"), states("I need the inventory"), states("the emissions inventory")
    (True, False, False)
    """
    if _PURPOSE.match(text) or _CODED.match(text):
        return True
    if _WANTS.search(text) or commands(text):
        return False
    return bool(_SUBJECTLESS.match(text)) or (not asks(text) and bool(_STATES.match(text)))
