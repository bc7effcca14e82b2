"""Sentences about the conversation itself: yes and no, never mind, undo, again, help, what was asked, start over."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

Aside = Literal["yes", "no", "drop", "undo", "again", "help", "recall", "reset"]

_I: Final = re.IGNORECASE
_IT: Final = r"(?:it|that|this|everything|all(?:\s+of\s+(?:it|that))?|(?:the|that|this|my|your)\s+(?:last\s+|previous\s+|whole\s+)?(?:run|step|change|request|question|thing|action|order|ask|plan|one))"
_POLITE: Final = r"(?:(?:ok(?:ay)?|oh|ah|hm+|well|please|sorry|wait|hey|hi|hello|actually|thanks|thank\s+you|and|so|but|then|just|now)\b[\s,.!:;–—-]*)*"
_ASKS: Final = r"(?:(?:can|could|would|will|may|shall|how\s+(?:can|do|would|could))\s+(?:you|i|we)\s+(?:please\s+)?)?"
_COURTESY: Final = r"(?:[\s,]+(?:please|now|then|thanks?|thank\s+you|for\s+me|ok(?:ay)?|instead))*"
_BEFORE: Final = r"(?:\s+(?:you|here|before|so\s+far|until\s+now|till\s+now|last(?:\s+time)?|earlier|already|first|just\s+now|previously|about))*"
_ANEW: Final = r"again|once\s+(?:more|again)|one\s+more\s+time|another\s+time"
_SAID: Final[Mapping[Aside, str]] = {
    "yes": r"(?:yes|yep|yeah|yup|sure|right|correct|exactly|confirmed?|agreed|absolutely|of\s+course|go\s+ahead|do\s+(?:it|so|that)|please\s+do|fine(?:\s+with\s+me)?|that(?:'s|\s+is)\s+(?:right|correct|it))(?:[\s,]+(?:please|do|do\s+(?:it|so|that)|go\s+ahead|it\s+is|right|correct|that(?:'s|\s+is)\s+(?:right|correct|it)|thanks?|thank\s+you))*",
    "no": r"(?:no|nope|nah|negative|neither(?:\s+of\s+(?:them|those|these))?|none\s+of\s+(?:them|those|these|that)|not\s+(?:that(?:\s+one)?|really|those|these)|wrong|don't|do\s+not|rather\s+not|better\s+not|(?:that(?:'s|\s+is)\s+)?not\s+(?:right|it|correct|what\s+i\s+meant?))(?:[\s,]+(?:thanks?|thank\s+you|please|it\s+is(?:\s+not|n't)|don't|do\s+not|not\s+that(?:\s+one)?|that(?:'s|\s+is)\s+(?:wrong|not\s+it|not\s+right)))*",
    "drop": rf"(?:never\s?mind|no\s+matter|don't\s+bother|do\s+not\s+bother|not\s+now|(?:{_ASKS}(?:cancel|forget|drop|abort|stop|scrap|leave|skip|discard|ignore))(?:\s+(?:about\s+)?{_IT})?|changed\s+my\s+mind|i(?:'ve|\s+have)?\s+changed\s+my\s+mind|let(?:'s|\s+us)\s+(?:leave|drop|forget)\s+{_IT})(?:[\s,]+(?:then|please|thanks?|thank\s+you|never\s?mind|forget\s+it))*",
    "undo": rf"{_ASKS}(?:undo|roll\s?back|revert|take\s+back|reverse)(?:\s+{_IT})?(?:\s+(?:again|please))?|{_ASKS}(?:roll|take|turn|put)\s+{_IT}\s+back",
    "again": rf"{_ASKS}(?:{_ANEW}|(?:run|do|show|repeat|redo|rerun|try|ask|say|refresh|recalculate)(?:\s+{_IT})?(?:\s+(?:{_ANEW}|anew)))|{_ASKS}(?:repeat|redo|rerun|refresh|re-run)(?:\s+{_IT})?",
    "help": rf"(?:{_ASKS}help(?:\s+me)?|what\s+(?:else\s+)?(?:can|could)\s+(?:you|i|we|it|this)\s+(?:do|ask|say|tell\s+me|answer|help\s+(?:me\s+)?with)(?:\s+(?:you|here|now|next|for\s+(?:me|us)|about|with\s+(?:you|this)))*|what\s+are\s+you(?:\s+(?:able\s+to\s+do|capable\s+of|good\s+(?:at|for)))?|who\s+are\s+you|how\s+does\s+(?:this|it)\s+work|what\s+(?:do|should)\s+i\s+(?:do|say|ask)(?:\s+(?:now|here|next))?|(?:show\s+(?:me\s+)?)?(?:the\s+)?(?:commands|usage|options)|what\s+(?:questions|tasks|things)\s+can\s+(?:i|you)\s+(?:ask|do|answer)(?:\s+you)?|what\s+do\s+you\s+(?:do|offer|know))",
    "reset": rf"{_ASKS}(?:(?:forget|drop|leave)\s+(?:{_IT}|about\s+{_IT})[\s,.;:]*(?:and\s+)?)?(?:let(?:'s|\s+us)\s+)?(?:(?:start|begin)\s+(?:all\s+)?(?:over|again|afresh|anew|fresh|from\s+(?:scratch|the\s+(?:start|beginning)))(?:\s+again)?|(?:reset|clear)(?:\s+(?:the\s+)?(?:conversation|everything|chat|it\s+all|all))?|(?:start\s+)?(?:a\s+)?new\s+(?:conversation|topic|chat|subject)|change\s+the\s+(?:subject|topic))",
    "recall": rf"(?:{_ASKS}(?:remind|tell|show)\s+(?:me|us)\s+(?:of\s+|again\s+)?)?(?:what\s+(?:did|have|had)\s+(?:i|we)\s+(?:ask(?:ed)?|sa(?:y|id)|talk(?:ed)?\s+about|want(?:ed)?|look(?:ed)?\s+at|discuss(?:ed)?|do(?:ne)?){_BEFORE}|(?:what\s+)?(?:i|we)\s+(?:(?:have|had)\s+)?(?:asked|talked\s+about|looked\s+at|discussed|saw|seen){_BEFORE}|what\s+(?:was|were)\s+(?:my|our|the)\s+(?:last|previous|first|earlier)\s+(?:questions?|requests?|thing\s+i\s+asked){_BEFORE}|what\s+were\s+we\s+(?:talking\s+about|doing|at){_BEFORE}|where\s+were\s+we|(?:(?:show|list|give)\s+(?:me\s+)?)?(?:(?:the|my|our)\s+)?(?:history|(?:earlier|previous|past)\s+questions|questions\s+so\s+far|conversation\s+so\s+far)(?:\s+(?:of\s+(?:this|the)\s+conversation|so\s+far))?)",
}
_MOST_WORDS: Final = 12


def aside_in(text: str) -> Aside | None:
    """What a sentence says of the conversation, where that is all it says; None where it asks for more.

    >>> aside_in("Never mind."), aside_in("what can you do?"), aside_in("run it again"), aside_in("cancel ticket T-1")
    ('drop', 'help', 'again', None)
    """
    if len(text.split()) > _MOST_WORDS:
        return None
    return next((name for name, said in _ASIDES.items() if said.fullmatch(text.strip())), None)


_ASIDES: Final = {name: re.compile(rf"\W*{_POLITE}(?:{words}){_COURTESY}\W*", _I) for name, words in _SAID.items()}
_YES_BUT: Final = re.compile(
    rf"^\W*{_POLITE}(?:yes|yep|yeah|sure|right|correct|exactly|go\s+ahead|ok(?:ay)?)\b[\s,.;:!–—-]*(?:but|and|though|only\s+if|if)?\b[\s,]*(?P<more>\S.*?)[\s.!]*$",
    _I,
)
_NO_BUT: Final = re.compile(
    rf"^\W*{_POLITE}(?:no|nope|nah|not\s+that(?:\s+one)?)\b[\s,.;:!–—-]+(?:but\s+|rather\s+|(?:it(?:'s|\s+is)|that(?:'s|\s+is)|i\s+meant?|for|about|take)\s+)*(?P<more>\S.*?)[\s.!]*$",
    _I,
)


def yes_but(text: str) -> str:
    """What a yes adds; empty where the sentence is no yes, or a yes and nothing more.

    >>> yes_but("yes, but only 5"), yes_but("Yes."), yes_but("which one?")
    ('only 5', '', '')
    """
    match = _YES_BUT.match(text) if aside_in(text) is None else None
    return match["more"] if match else ""


def no_but(text: str) -> str:
    """What is meant instead; empty where the sentence is no no, or a no and nothing more.

    >>> no_but("no, B-2"), no_but("No, it's the Boston office."), no_but("no thanks")
    ('B-2', 'the Boston office', '')
    """
    match = _NO_BUT.match(text) if aside_in(text) is None else None
    return match["more"] if match else ""
