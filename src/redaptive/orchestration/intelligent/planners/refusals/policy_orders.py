"""What a sentence tells the platform to do: the verbs that are orders, with what follows each.

"Which alerts were deleted?" tells nothing to be deleted; "list the alerts and delete them" does. A verb counts where an
order may begin: at the head of a sentence or of a clause, after words of politeness, or after "want you to".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_POLITE: Final = (
    r"(?:please|pls|plz|kindly|hey|hi|hello|great|fine|good|thanks?|ok(?:ay)?|now|just|also|and|then|so|but|or|first|second|next|finally|"
    r"simply|permanently|automatically|always|quickly|quietly|silently|secretly|actually|maybe|perhaps|instead|afterwards?|later|meanwhile|lastly|immediately|"
    r"after\s+(?:that|exporting|which)|once\s+(?:that's\s+|you're\s+)?done|when\s+done|while\s+you'?re\s+(?:at\s+it|there|in\s+there)|go\s+ahead\s+and|"
    r"sudo|(?:can|could|would|will|can't|couldn't)\s+(?:you|u|we\s+just|the\s+platform)|feel\s+free\s+to|be\s+sure\s+to|make\s+sure\s+(?:you|to|that\s+you)|"
    r"i(?:'d|\s+would)?\s+(?:want|need|like|love)\s+(?:you|u)\s+to|(?:we|i)(?:'d|'ll)?\s+(?:want|need|have|like)\s+to|you\s+(?:should|can|must|may|will)|"
    r"let'?s|let\s+us|help\s+me(?:\s+to)?|the\s+platform\s+(?:should|must|shall)|do|hypothetically|i\s+say)"
)
_START: Final = re.compile(rf"[\W_]*(?:{_POLITE}\b[\s,:]*)*[\"'`(\[]*", re.IGNORECASE)
_BREAK: Final = re.compile(
    r"(?:[.;!?\n]\s*|[:,–—]\s+|\s+-+\s+|\b(?:and|then|but|or|afterwards|otherwise|so)\s+|[\"“]\s*|"
    r"\b(?:want|need|like|love|wish|way|you|u|try|plan|meant|able|supposed|authori[sz]ed|allowed|order|task|how|just|goal|mind)\s+to\s+)",
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[.;!?\n](?:\s|$)")
_QUESTION: Final = re.compile(
    r"^\W*(?:(?:and|so|but|hey|hi|ok(?:ay)?|also|quick\s+question|please)[\s,:]+)*"
    r"(?:what|which|who|whose|when|where|why|how|does|do\s+(?!not|it|this|so|n't)|did|is|are|was|were|has|have\s+(?:we|they|you|any)|have\s+the\b(?=[^.]*\?)|"
    r"(?:find\s+out|check|see|tell\s+(?:me|us)|let\s+me\s+know|investigate)\s+(?:whether|if)|"
    r"should|shall|could\s+(?!you|u\b|the\s+platform)|can\s+(?!you|u\b)|would\s+(?!you|u\b)|will\s+(?!you|u\b))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Order:
    """`words` begin with the verb and end with its sentence; `wish`: the speaker may only be thinking aloud."""

    words: str
    wish: bool = False


@lru_cache(maxsize=512)
def orders(text: str) -> tuple[Order, ...]:
    """Every place of a sentence where an order may begin, with the words from there to the end of its sentence.

    >>> [order.words for order in orders("List the meters, then please wipe the log.")]
    ['List the meters, then please wipe the log', 'wipe the log']
    >>> orders("Who wiped the log?")
    ()
    """
    return tuple(dict.fromkeys(_orders(text)))


def verb_near(verb: str, what: str, reach: int) -> re.Pattern[str]:
    """The head of an order: a verb, then its object after at most `reach` words.

    >>> bool(verb_near("wipe|erase", "logs?", 2).match("Erase the audit log"))
    True
    """
    gap = rf"(?:[\W_]+[\w'’%$.-]+){{0,{reach}}}?[\W_]+"
    return re.compile(rf"(?:{verb})\b{gap}(?:{what})\b", re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether the text begins as a question.

    >>> asks("Which change orders lack approval?"), asks("Check whether anybody moved it."), asks("could you close it?")
    (True, True, False)
    """
    return _QUESTION.match(text) is not None


def _orders(text: str) -> Iterator[Order]:
    for sentence in _STOP.split(text):
        places = [0, *(match.end() for match in _BREAK.finditer(sentence))]
        for place in places:
            clause = sentence[place:]
            if asks(clause) or _DENIED.search(sentence[:place]):
                continue
            head = _START.match(clause)
            words = clause[head.end() if head else 0 :]
            if words.strip() and not _NOTHING.match(words) and not _ASIDE.match(words):
                said = clause[: head.end() if head else 0].lower()
                yield Order(words, wish=bool(re.search(r"\b(?:we|i|let'?s|us)\b", said)) or _about(sentence[:place]))


_DENIED: Final = re.compile(
    r"\bno\s+need\s+to\s+$|\b(?:not|never|n't)\s+(?:\w+\s+){0,3}(?:to\s+)?$|"
    r"\b(?:ask|tell|want|wants|pushes|told|asked)\w*\s+us\s+to\s+$|\b(?:reason|cause|note|comment|subject)s?\s*(?:is|:)\s*$",
    re.IGNORECASE,
)
"""Words that take an order back, or tell of somebody else's."""
_NOTHING: Final = re.compile(
    r"[\w-]+\s+(?:out\s+|off\s+)?(?:nothing|no\s?thing|none)\b(?!\s+but)|drop\s+everything(?:\s+else)?\s*(?:and|,|:)",
    re.IGNORECASE,
)
"""An order that orders nothing: "delete nothing", "drop everything and"."""
_ASIDE: Final = re.compile(r"(?!(?:set|put|leave|push|move|lay)\b)[^.,;]{3,60}\baside\s*[,:]", re.IGNORECASE)
"""What is left aside: "shut-off valves aside, which faults"."""
_ABOUT: Final = re.compile(
    r"\b(?:we|i)(?:'d)?\s+(?:\w+\s+)?(?:want|need|like|love|have|plan|wish)\s+to\s+$|\b(?:how|way|able|what|when|which|if\s+we|(?:should|could|can|may|do)\s+(?:we|i))\b[^,.;]*$",
    re.IGNORECASE,
)


def _about(before: str) -> bool:
    """Whether the words before make of the verb a thought: "how to shut the fans off"."""
    return _ABOUT.search(before) is not None
