"""Letters as requests: passive and nominal wishes become orders, once, before anything else reads the text.

"X is to be extracted and subsequently audited" is read as "extract X and then audit it", "an examination of X for
anomalies is requested" as "find anomalies in X". Texts that have none of the marks of such letters stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.formal_frames import unframed
from redaptive.orchestration.intelligent.planners.clauses.formal_lists import without_list
from redaptive.orchestration.intelligent.planners.clauses.formal_passive import ordered
from redaptive.orchestration.intelligent.planners.clauses.formal_small import small_words
from redaptive.orchestration.intelligent.planners.clauses.formal_things import with_document
from redaptive.orchestration.intelligent.planners.clauses.formal_words import PASSIVES, weighty

_MARKS: Final = re.compile(
    r"\b(?:(?:is|are)\s+(?:[\w,]+\s+){0,5}to\s+(?:be|serve)|(?:is|are)\s+(?:\w+\s+){0,2}(?:requested|sought|desired|wanted|required|needed|solicited|called\s+for|of\s+interest)|"
    r"would\s+(?:\w+\s+){0,2}be\s+(?:\w+\s+){0,2}(?:welcome|appreciated|grateful|obliged|of\s+\w+)|grateful|obliged|(?:has|have|is)\s+yet\s+to\s+be|(?:kindly|please)\s+arrange|kindly\s+have|suffice|hereby|thereof|therein|thereto|the\s+said|whereupon|"
    r"(?:should|must|ought\s+to|shall)\s+(?:therefore|kindly|thereafter|accordingly|then|consequently|subsequently)\s+be|ought\s+to\s+be|being\s+(?!\w+ed\b)|first\s+instance|USD|dear\s+\w+|yours\s+\w+|(?:may|might)\s+(?:i|we)\s+(?:\w+\s+)?(?:ask|request)|arrange\s+for|at\s+(?:my|our)\s+disposal|"
    r"(?:i|we)\s+(?:\w+\s+)?ask\s+for|UTC)\b",
    re.IGNORECASE,
)
"""What only letters have. Where somebody "should be told" something, the clauses read it themselves."""
_DEEDS: Final = frozenset(PASSIVES.values())
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bno\.)(?<!\bNo\.)\s+(?=\S)|\n+"
)


def plainly(text: str) -> str:
    """The text of a letter with orders instead of wishes that nobody has.

    >>> plainly("The bill DOC-1 is to be extracted. An audit of it is requested.")
    'extract the bill DOC-1. audit it.'
    """
    if not _MARKS.search(text):
        return text
    found = unframed(without_list(small_words(text)))
    return with_document(weighty(" ".join(ordered(each) for each in _SENTENCE.split(found))), _DEEDS)
