"""Frames of formal letters: "it would be appreciated if X could be done", "may I ask for X to be done"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.formal_words import PASSIVE, verb_of, verbal
from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns

_I: Final = re.IGNORECASE
_BEGINS: Final = (
    r"(?P<begin>^|(?<=[.!?;:,]\s)|(?<=\n)|(?<=\sand\s)|(?<=\sbut\s)|(?<=otherwise\s)|(?<=thereafter\s)|(?<=then\s))"
)
_ADV: Final = r"(?:(?:therefore|thus|hence|accordingly|consequently|kindly|hereby|now|also|be|very|much|most|highly|greatly|extremely|deeply|particularly|further|furthermore|then|subsequently|in\s+addition|likewise|politely|respectfully|however|,)\s*)"
_GRATEFUL: Final = rf"(?:it\s+(?:would|should)\s+{_ADV}*(?:appreciated|desirable|helpful|useful|welcome|welcomed|preferable|of\s+\w+(?:\s+\w+)?)(?:\s+(?:to|by)\s+(?:us|me))?|(?:i|we)\s+(?:should|would)\s+{_ADV}*(?:obliged|grateful|thankful|pleased|glad|indebted)(?:\s+to\s+you)?|(?:i|we)\s+(?:should|would)\s+{_ADV}*appreciate\s+it)"
_ASKED: Final = rf"(?:it\s+is\s+{_ADV}*(?:requested|desired|wished|proposed|suggested|asked)|(?:may|might|could|can|must)\s+(?:i|we)\s+{_ADV}*(?:ask|request)|(?:i|we)\s+(?:must\s+|would\s+|should\s+|wish\s+to\s+|should\s+like\s+to\s+|would\s+like\s+to\s+)?{_ADV}*(?:ask|request)|(?:our|my)\s+(?:request|wish)\s+is)"
LIKE: Final = rf"(?:(?:i|we)\s+(?:should|would)\s+{_ADV}*(?:like|wish|be\s+(?:pleased|glad|happy))\s+to\s+(?:have(?:\s+at\s+(?:my|our)\s+disposal)?|request|ask\s+for|commission|receive|obtain|be\s+(?:provided|furnished|supplied)\s+with|see)|(?:i|we)\s+(?:should|would)\s+{_ADV}*(?:obliged|grateful|thankful|glad)\s+(?:to\s+you\s+)?for|{_ASKED}\s+for|(?:i|we)\s+(?:are|am)\s+{_ADV}*in\s+need\s+of|(?:i|we)\s+{_ADV}*(?:request|solicit|seek)(?=\s+(?:an?|the|your)\s))"
_SUBJECT: Final = r"(?:[^.;:?!]|[.:](?=\w)){2,400}?"


def _had(match: re.Match[str]) -> str:
    """ "Have X done" as "X is to be done", and "to have X done", which goes on in a sentence, as "do X"."""
    return f"{match['begin']}{verb_of(match['verb'])} {match['s']}" if match["to"] else _done(match)


def _done(match: re.Match[str]) -> str:
    return f"{match['begin']}{match['s']} is to be {match['verb']}"


def _asked(match: re.Match[str]) -> str:
    """Each "that X be done" as "X is to be done"; a further one in the same sentence too."""
    text = _THAT.sub(_further, f"that {match['rest']}")
    return f"{match['begin']}{text.removeprefix('that ')}"


ITEM: Final = re.compile(
    r";\s+(?:and,?\s+)?(?:(?:finally|lastly),?\s+)?|,\s+and,?\s+(?:finally,\s+|lastly,\s+)?(?=(?:the|an?)\s)", _I
)
_ABREAST: Final = re.compile(r"\bsame\s+time|\bparallel|\bindependent|\border\b", _I)
_ACTS: Final = re.compile(r"\b(?:is|are)\s+to\s+be\b|\b(?:should|must)\s+be\b|^(?:then|thereafter)\s", _I)
_INTEREST: Final = re.compile(
    r"^(?P<s>[^,]+),\s+whose\s+(?P<n>[^,]+?)\s+(?:is|are)\s+(?:of\s+interest|required|requested|sought|needed)$", _I
)


def _counted(match: re.Match[str]) -> str:
    """Steps that were only counted before they are told, each as a wish."""
    joint = "; in parallel " if _ABREAST.search(match["how"]) else "; "
    return f"{match['begin']}{joint.join(_item(each) for each in ITEM.split(match['items']))}"


_WISHING: Final = re.compile(
    r"\bto\s+be\b|\b(?:required|needed|requested|wanted|desired|sought|should|must|wish|like)\b", _I
)


def _first(match: re.Match[str]) -> str:
    """What a condition asks of a thing that is yet to be found, behind the order to find it."""
    it = "they" if re.split(r"\s(?:of|for|in|over|at|on|to)\s", match["s"])[0].endswith("s") else "it"
    return f"{match['begin']}{verb_of(match['verb'])} {match['s']}; {match['w'].lower()} {it} "


def _arranged(match: re.Match[str]) -> str:
    joint = " and then " if match["b"] and re.search(r"\b(?:subsequent|later|ensuing)\b", match["b"], _I) else " and "
    return f"{match['begin']}{verbal(match['a'])}{joint + verbal(match['b']) if match['b'] else ''}"


def _denied(match: re.Match[str]) -> str:
    return f"{match['joint']}but do not {verb_of(match['verb'])} {'it' if match['s'].lower() == 'it' else 'them'}"


def _named(match: re.Match[str]) -> str:
    if not _WISHING.search(match.group(0)[: match.start("items") - match.start()]):
        return match.group(0)
    return ". ".join(_item(each) for each in ITEM.split(match["items"]))


def _item(text: str) -> str:
    """A told item as a wish."""
    if match := _INTEREST.match(text):
        return f"get the {match['n']} of {match['s']}"
    if _ACTS.search(text) or re.search(r",\s+which\s+(?:is|are)\s", text):
        return text
    return verbal(text)


def _further(match: re.Match[str]) -> str:
    how = (match["how"] or "").lower()
    joint = "; in parallel " if how.startswith("independent") else " and then " if _LATER.match(how) else match["join"]
    return f"{joint or ''}{match['s']} is to be {match['verb']}"


_LATER: Final = re.compile(r"(?:second|third|last|final|there|subseq)", _I)
_THAT: Final = re.compile(
    rf"(?P<join>,?\s+and,?\s+)?(?:(?P<how>firstly|secondly|thirdly|lastly|finally|in\s+addition|thereafter|subsequently|independently\s+(?:of\s+that|thereof)|further(?:more)?|also|likewise),?\s+)?\bthat\s+(?P<s>{_SUBJECT})\s+(?:should\s+|kindly\s+)?be\s+(?P<verb>{PASSIVE})",
    _I,
)
_KEPT: Final = r"[^.;?!\n]|\.(?=\w)"
_COUNT: Final = r"(?:two|three|four|five|several|the\s+following)"
FRAMES: Final = turns(
    (
        (r"[;,.]\s*(?:but\s+|and\s+)?(?:my|our)\s+(?:prior\s+|express\s+)?(?:consent|approval|confirmation|agreement)(?:,\s+(?:however|though),)?\s+(?:is|must|should|shall|has|needs)\s+(?:to\s+)?(?:first\s+)?be\s+(?:first\s+)?(?:obtained|sought|awaited|asked\s+for)[^.;?!]*", ", but ask me first"),
        (r"[;,.]\s*(?:but\s+|and\s+|yet\s+)?(?:i|we)\s+(?:must\s+|do\s+)?insist(?:,\s+(?:however|though),)?\s+on\s+being\s+(?:asked|consulted)[^.;?!]*", ", but ask me first"),
        (r"(?:^|(?<=[.!?]\s))(?:i|we)\s+thank\s+you\s+(?:very\s+much\s+)?for\s+[^.?!\d]{2,80}\.\s+", ""),
        (r"(?:^|(?<=[.!?]\s))[^.:;?!\d]{0,60}\bthe\s+matter\s+(?:to\s+be|is\s+to\s+be|be|should\s+be)\s+[^.:;?!\d]{2,40}:\s+", ""),
        (rf"(?P<begin>^|(?<=[.!?]\s)|,\s+){_COUNT}\s+(?:\w+\s+){{1,3}}?(?:is|are)\s+(?:\w+\s+)?(?:to\s+be\s+(?:taken|performed|carried\s+out|made)|called\s+for|needed|required|desired|requested)(?P<how>[^.:;?!]{{0,60}}):\s+(?P<items>[^.?!]+(?:\.(?=\w)[^.?!]+)*)", _counted),
        (rf"(?:^|(?<=[.!?]\s))(?P<lead>[^.;:?!\d]{{0,200}}?)\b{_COUNT}\b[^.;:?!\d]{{0,60}}?[,:]\s+(?:namely|to\s+wit)[,:]?\s+(?P<items>[^.?!]+(?:\.(?=\w)[^.?!]+)*)", _named),
        (rf"{_BEGINS}(?P<s>(?:the|an?|its)\s[^,;:.?!]{{2,60}}),\s+which\s+(?=(?:is|are)\s+to\s+be\s+{PASSIVE})", r"\g<begin>\g<s> "),
        (rf"{_BEGINS}(?P<to>to\s+)?(?:please\s+|kindly\s+)?have\s+(?P<s>(?:(?:the|an?|its|their|that|it|them)\b|\S+@\S)(?:[^.;,:?!]|\.(?=\w)){{0,100}}?)\s+(?P<verb>{PASSIVE})(?=\s*[,.;]|\s+(?:by|for|with|to|from|against|anew|again|using|as|and)\b)", _had),
        (rf"{_BEGINS}(?P<lead>[^.;:?!\d]{{0,80}}?,\s+)?the\s+(?:identical|same|like)\s+\w+\s+(?:is|are)\s+(?:(?:now|also|likewise)\s+)*(?:needed|required|requested|wanted|desired)\s+(?=for\s)", r"\g<begin>do the same "),
        (rf"{_BEGINS}{_GRATEFUL},?\s+if\s+(?P<s>{_SUBJECT})\s+(?:could|might|can|were\s+to|would|were)\s+(?:kindly\s+|please\s+)?(?:be\s+)?(?:\w+ly\s+)?(?P<verb>{PASSIVE})", _done),
        (rf"{_BEGINS}{_GRATEFUL},?\s+if\s+you\s+(?:could|would|might|were\s+to)\s+(?:kindly\s+|please\s+)?", r"\g<begin>"),
        (rf"{_BEGINS}(?P<s>(?:the|an?|its)\s[^,;:.?!]{{3,80}}?)\s+having\s+been\s+(?P<verb>{PASSIVE}),\s+", lambda m: f"{m['begin']}{verb_of(m['verb'])} {m['s']}; then "),
        (rf"{_BEGINS}(?P<w>where|if|should|unless|provided\s+that|in\s+the\s+event\s+that)\s+(?P<s>(?:the|an?|its|their)\s[^.;:,?!]{{3,160}}),\s+(?:the\s+\w+\s+of\s+)?which\s+(?:is|are|has|have)\s+(?:(?:yet|still|first)\s+)?to\s+(?:first\s+)?be\s+(?P<verb>{PASSIVE})(?:\s+(?:first|beforehand|before))?,\s+", _first),
        (rf"{_BEGINS}(?:(?:would|could)\s+you\s+)?(?:please\s+|kindly\s+)*arrange\s+for\s+(?P<a>(?:an?|the|its|their)\s[^.;:,?!]{{3,120}}?)(?:,?\s+and\s+(?:then\s+)?for\s+(?P<b>(?:an?|the|its|their)\s[^.;:,?!]{{3,120}}?))?(?=[.;:,?!]|$)", _arranged),
        (rf"(?P<joint>[;,]\s+)(?:but\s+)?(?P<s>it|they)\s+(?:is|are),?\s+(?:however,\s+|though,\s+)?not\s+to\s+be\s+(?P<verb>{PASSIVE})", _denied),
        (rf"{_BEGINS}it\s+(?:will|would|should)\s+suffice\s+for\s+(?P<s>{_SUBJECT})\s+to\s+be\s+(?P<verb>{PASSIVE})", _done),
        (rf"{_BEGINS}it\s+(?:will|would|should)\s+suffice\s+(?:to|if\s+you)\s+", r"\g<begin>"),
        (rf"{_BEGINS}(?:{_ASKED}|(?:would|could)\s+you\s+(?:kindly\s+|please\s+)?arrange|(?:please|kindly)\s+(?:\w+\s+)?arrange|it\s+would\s+be\s+preferable)\s+for\s+(?P<s>(?!the\s+following\b){_SUBJECT})\s+to\s+be\s+(?P<verb>{PASSIVE})", _done),
        (rf"{_BEGINS}{_ASKED},?\s+(?:(?:firstly|first\s+of\s+all),?\s+)?that\s+(?P<rest>(?:{_KEPT})+)", _asked),
        (rf"{_BEGINS}{LIKE}\s+(?P<s>(?!the\s+following\b)[^.;:?!]+?)(?=[.;:?!]|,\s+(?:whereupon|after\s+which|following\s+which|and\s+(?:then|thereafter|subsequently|also))\b|$)", lambda m: f"{m['begin']}{verbal(m['s'])}"),
        (rf"{_BEGINS}(?:would|could|will)\s+you\s+(?:kindly|please|be\s+so\s+kind\s+as\s+to)\s+(?:please\s+)?(?=[a-z])", r"\g<begin>"),
        (rf"{_BEGINS}only\s+(?:on\s+condition\s+that|if|in\s+the\s+event\s+that|where|provided\s+that)\s+(?P<c>[^.;?!]{{3,200}}?)\s+(?P<m>is|are|should|shall|may|must)\s+(?P<s>(?:the|an?|its|their|this|that|any)\s[^.;,?!]{{2,100}}?)\s+(?:to\s+)?be\s+(?P<verb>{PASSIVE})", lambda m: f"{m['begin']}if {m['c']}, {verb_of(m['verb'])} {m['s']}"),
        (rf"{_BEGINS}only\s+(?:after|once|upon)\s+(?P<c>[^.;?!]{{3,160}}?)\s+(?P<m>is|are|should|shall|may|must)\s+(?P<s>(?:the|an?|its|their|this|that|any)\s[^.;,?!]{{2,120}}?)\s+(?:to\s+)?be\s+(?P<verb>{PASSIVE})", lambda m: f"{m['begin']}then {verb_of(m['verb'])} {m['s']}"),
        (rf"{_BEGINS}only\s+(?:then|thereafter|afterwards|after\s+that)\s+(?:is|are|should|shall|may|must)\s+(?P<s>(?:the|an?|its|their|this|that|any)\s[^.;,?!]{{2,120}}?)\s+(?:to\s+)?be\s+(?P<verb>{PASSIVE})", lambda m: f"{m['begin']}then {verb_of(m['verb'])} {m['s']}"),
        (r"(?P<thing>(?:the|its|their)\s[^.;:,?!]{3,90}?)\s+(?:so\s+|thus\s+|thereby\s+)?(?:\w+ed\s+)?(?:is|are)\s+(?P<then>(?:then\s+|finally\s+|thereafter\s+|subsequently\s+)?)to\s+(?:serve|act)\s+as\s+(?:the\s+)?(?:inputs?|basis)\s+(?:to|for|of)\s+(?P<goal>(?:an?|the)\s)", lambda m: f"{'then ' if m['then'] else ''}use {m['thing']} for {m['goal']}"),
    )
)  # fmt: skip


_CLOSING: Final = re.compile(
    r"[\s,]*(?:yours\s+(?:sincerely|faithfully|truly|respectfully)|(?:with\s+)?(?:kind|best|warm|sincere)\s+regards|sincerely(?:\s+yours)?|respectfully)\b[^.;:?!\d]{0,60}$",
    _I,
)
_SALUTATION: Final = re.compile(
    r"^\s*dear\s+(?:sirs?|madam|mr\.?|mrs\.?|ms\.?|dr\.?|professor|colleagues?|team|all|ladies|friends?)(?:[\w\s.'-]{0,50})[,:\n]\s*",
    _I,
)
_KINDLY: Final = re.compile(r"(?P<begin>^|(?<=[.!?;:]\s))(?:please\s+)?kindly\s+(?=[a-z])", _I)
_REFERRED: Final = re.compile(
    r"^(?:further\s+to|with\s+(?:reference|regard|respect)\s+to|referring\s+to|following)\s+(?:our|your|the|my|this\s+\w+'s|yesterday's)\s+(?:\w+\s+){0,2}?(?:letter|conversation|call|e-?mail|meeting|message|enquiry|inquiry|correspondence|discussion)\b[^,.;\d]*,\s+",
    _I,
)


def unframed(text: str) -> str:
    """A letter without salutation, closing and frames.

    >>> unframed("Dear Sir or Madam,\\nit is requested that DOC-1 be read.\\nYours faithfully")
    'DOC-1 is to be read.'
    >>> unframed("It would be appreciated if an audit of DOC-1 could be carried out.")
    'an audit of DOC-1 is to be carried out.'
    """
    text = _KINDLY.sub(r"\g<begin>", _CLOSING.sub("", _SALUTATION.sub("", text)))
    text = _REFERRED.sub("", text)
    return turned(text, FRAMES)
