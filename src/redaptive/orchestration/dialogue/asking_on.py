"""Questions that go on from a thing without naming it: what mending it saves, whether that is much, whom to call."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.dialogue.spoken import Thing

_I: Final = re.IGNORECASE
_LEAD: Final = r"^\W*(?:(?:and|so|ok(?:ay)?|but|then|now|hm+|well)\b\W*)*"
_JUDGED: Final = r"(?:a\s+lot|(?:too|very|so|unusually|rather)?\s*(?:much|high|low|big|bad|good|poor|normal|usual|unusual|typical|ok(?:ay)?|reasonable|efficient|inefficient|expensive)|above\s+(?:the\s+)?average|below\s+(?:the\s+)?average)"
_MUCH: Final = re.compile(
    rf"{_LEAD}(?:(?:is|was)\s+(?:it|that|this)\s+{_JUDGED}|what\s+(?:should|would|ought)\s+(?:it|that)\s+(?:be|to\s+be)|what(?:'s|\s+is)\s+(?:normal|usual|typical)(?:\s+(?:here|there|for\s+(?:it|that)))?|(?:compare(?:d)?\s+(?:it|that)?\s*(?:with|to)|against)\s+(?:similar|like|comparable|other|its)\s+(?:ones?|buildings?|stores?|offices?|sites?|peers?))\W*$",
    _I,
)
_CALLED: Final = re.compile(
    rf"{_LEAD}(?:who|whom)\s+(?:should|shall|can|do|must|could|would|to)\s*(?:i|we)?\s*(?:call|contact|phone|ring|reach|notify|talk\s+to|speak\s+(?:to|with)|ask|turn\s+to|send(?:\s+(?:there|over))?)(?:\s+(?:about|for|on)\s+(?:it|that|this|them))?(?:\s+(?:now|then|there))?\W*$",
    _I,
)

_EARNS: Final = re.compile(
    rf"{_LEAD}(?:for\s+\{{\}}\s*,?\s*)?(?:(?:what|how\s+much)\s+(?:would|could|can|does|do|will|might)\s+(?:fixing|repairing|mending|improving|upgrading|renovating|retrofitting|optimi[sz]ing|tuning)\s+(?:it|that|this|(?:this|that)\s+(?:one|building|store|office|site))\s+(?:earn|save|bring|give|yield|pay|get)(?:\s+(?:us|me|in|back))?|is\s+it\s+worth\s+fixing)\W*$",
    _I,
)


@dataclass(frozen=True)
class AskedOn:
    """The sentence as a request of its own, and a note of how it was taken; or `told`, what is said instead.

    `thing` is what the request names.
    """

    text: str
    note: str = ""
    told: str = ""
    thing: str = ""


def asked_on(text: str, thing: Thing | None) -> AskedOn | None:
    """What a sentence asks of the thing that is spoken of; None where it asks nothing of this kind.

    >>> asked_on("is that a lot?", Thing("building", "B-1")).text
    'how does building B-1 compare with its peers?'
    >>> asked_on("what would fixing it earn?", Thing("building", "B-1")).text
    'find opportunities at building B-1'
    >>> asked_on("who should I call?", None).text
    'which engineers are on call now?'
    """
    if _CALLED.match(text):
        return AskedOn("which engineers are on call now?", "Whom to call is known by the duty of engineers alone.")
    building = f"building {thing.code}" if thing is not None and thing.kind == "building" else ""
    if _EARNS.match(text):
        told = "" if building else "What mending saves is known by building. Of which building?"
        return AskedOn(f"find opportunities at {building}", f"Taken to be about {building}.", told, building)
    if not _MUCH.match(text):
        return None
    told = "" if building else "Whether that is much is known of buildings, against their type. Of which building?"
    asked = f"how does {building} compare with its peers?"
    return AskedOn(asked, f"Taken to be about {building}, against others of its type.", told, building)
