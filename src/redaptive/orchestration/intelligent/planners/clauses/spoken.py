"""What is spoken without a pause, put as it is written: conditions without "if", answers to one's own questions, order told backwards.

"Over 30 percent then run it" becomes "If it is over 30 percent, run it"; "if there are some text Kim, if there's none
leave it" becomes "if so, text Kim, otherwise, leave it"; "but that's the last thing, first audit it" puts the audit first.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.connectives import SOME
from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns
from redaptive.orchestration.intelligent.planners.clauses.verbs import CLEAR_VERB, VERB, imperative
from redaptive.orchestration.intelligent.planners.values.literals import glued

_I: Final = re.IGNORECASE
_FILLERS: Final = re.compile(
    r"(?<=[,;.])\s+(?:(?:oh|uh|um|er|erm|hm+|well|you\s+know|anyhow|anyway|let's\s+see|now|right|okay|ok)\b[,.]?\s+)+(?=\S)|\s+(?:uh|um|erm)\b,?(?=\s)",
    _I,
)
"""Words that only fill a pause."""
_ONLY: Final = r"(?:please\s+|then\s+|just\s+|simply\s+|only\s+|go\s+and\s+|go\s+ahead\s+and\s+)*"
_NONE: Final = r"(?:do\s+nothing|do\s+not\b|don'?t\b|leave\b|forget\b|we(?:'re|\s+are)\s+(?:fine|done|good)|that(?:'s|\s+is)\s+(?:fine|it|all|good|ok(?:ay)?)|i\s+(?:do\s+not|don'?t)\s+(?:need|want)\b|nothing\b|no\s+\w+$|never\s+mind\b)"
_ORDER: Final = rf"{_ONLY}(?:{VERB}(?=\s+\S)|do\s+(?:the|an?|me|it|that)\b|{_NONE})"
_ADJECTIVES: Final = r"(?:open|clean|close|complete|correct|present|separate|direct|clear|live|set|cut|read|run|put)"
_CLEAR: Final = rf"{_ONLY}(?:(?!{_ADJECTIVES}\s+(?!(?:the|an?|it|that|them|its|me)\b)){CLEAR_VERB}(?=\s+\S)|do\s+(?:the|an?|me)\b|{_NONE})"
_TEXTS: Final = r"(?:text|email|e-mail|mail|message|page|ping|call)\s+(?:\S+_\S+|\S+@\S+|(?-i:[A-Z])[a-z]+)"
_IF: Final = r"(?P<begin>^|(?<=[.!?;:])\s|,\s|\s(?=(?:and|but)\s))\s*(?:and\s+|but\s+|so\s+|only\s+)*"
_WORD: Final = r"(?:if|when|in\s+case|should)"
_AUX: Final = r"(?:is|are|does|do|will|would|has|have|did|can|was|were)"
_THEY: Final = r"(?:it|that|they|there|we|you|he|she|one)"
_SOME: Final = r"(?:some(?:thing)?|any(?:thing)?|one|ones|so|yes|that|it|the\s+case)(?:\s+(?:there|at\s+all|to\s+be\s+had|to\s+get))?"
_SO: Final = re.compile(
    rf"{_IF}(?:(?:if|when|in\s+case)\s+(?:yes|so|{_THEY}\s*(?:\s{_AUX}|'s|'re|'ve|'ll)(?:\s+(?:got|have|be))?(?:\s+{_SOME})?)|should\s+(?:there|it)\s+(?:be|have)(?:\s+{_SOME})?)"
    rf"(?:\s*(?:,|\bthen\b)[,\s]*(?={_ORDER}|{_TEXTS})|\s+(?={_CLEAR}|{_TEXTS}))",
    _I,
)
"""A condition that only says that what was asked about is so."""
_SO_ASKED: Final = re.compile(
    rf"(?P<begin>^|(?<=[.!?;:])\s|,\s)\s*(?:{_AUX})\s+{_THEY}\s+(?:got\s+|have\s+|be\s+)?{_SOME}\s*(?:,\s*then|,|\bthen\b)[,\s]*(?={_ORDER})",
    _I,
)
"""The same as a question to oneself: "has it got some then price them"."""
_NOT: Final = r"(?:isn't|aren't|doesn't|don't|won't|wouldn't|hasn't|haven't|didn't|can't|(?:is|are|does|do|will|would|has|have|did|can)\s+not)"
_NOTHING: Final = r"(?:none|nothing|no\s+such\s+thing|not\s+any|neither)(?:\s+(?:there|at\s+all|to\s+be\s+had|to\s+get|to\s+find|to\s+report|to\s+see|wrong|of\s+(?:that|them|those)))*"
_IF_NOT: Final = re.compile(
    rf"{_IF}(?:{_WORD})\s+(?:not|no|{_NOTHING}|{_THEY}\s+{_NOT}(?:\s+(?:have|got))?(?:\s+{_SOME})?|{_THEY}\s*(?:\s(?:is|are|has|have|finds?|gets?|was|were)|'s|'re)\s+{_NOTHING}|nothing(?:'s|\s+is)\s+\w+)"
    rf"(?:\s*(?:,|\bthen\b)[,\s]*|\s+)(?={_ORDER}|{_TEXTS}|that's\s+(?:fine|it))",
    _I,
)
_CONDITION_BEFORE: Final = re.compile(r"\b(?:if|when|should|in\s+case|unless)\s", _I)
_MORE_OR_LESS: Final = r"(?:above|below|over|under|beyond|at\s+least|at\s+most|no\s+(?:more|less)\s+than|(?:more|less|fewer|higher|lower|longer|shorter|greater|larger|smaller|bigger|better|worse|later|earlier|cheaper)\s+than)"
_FIGURE: Final = r"(?:about\s+)?[$]?\d(?:[^;:.?!,]|[.,](?=\d)){0,40}?"
_BARE: Final = re.compile(rf",\s+(?:and\s+|so\s+)?(?P<c>{_MORE_OR_LESS}\s+{_FIGURE})\s*,?\s+then\s+(?={_ORDER})", _I)
"""A comparison without its "if": "what's the chance of it, over 30 percent then ..."."""
_BARE_ELSE: Final = re.compile(
    rf",\s+(?:and\s+|but\s+)?(?:better|worse|less|more|higher|lower|above|below|over|under|fewer|longer|shorter|anything\s+else)(?:\s+(?:than\s+)?(?:that|this|it))?\s*,?\s+then\s+(?={_ORDER})",
    _I,
)
_YOU_HAVE: Final = r"(?:you|we|i)(?:'ve|\s+have)?\s+(?:got|have|know|see|seen|found|got\s+hold\s+of)?"
_DONE: Final = r"(?:in|through|done|finished|there|ready|over|out|known|back|settled|sorted)"
_THEN: Final = re.compile(
    rf"(?P<begin>^|[,;.]?\s+)(?:and\s+|but\s+)?(?:only\s+)?(?:once|when|after|as\s+soon\s+as|now\s+that)\s+(?:{_YOU_HAVE}\s+(?:that|it|them|those|these|the\s+(?:lot|results?|figures?|numbers?|prices?|costs?|list|answers?))(?:\s+(?:one|lot|done|figured\s+out))?|(?:that|this|it|they|those)(?:'s|'re|\s+is|\s+are)\s+(?:all\s+)?{_DONE})\s*,?\s+(?:then\s+)?(?={_ORDER}|[a-z]+\s+(?:it|that|them|those|the|an?)\s)",
    _I,
)
_IN_HAND: Final = re.compile(
    rf"(?P<begin>[,;]?\s+)(?:and\s+)?with\s+(?:that|this|the\s+(?:best|cheapest))(?:\s+(?:one|rate|tariff))?(?:\s+in\s+hand)\s*,?\s+(?P<deed>{VERB}\s[^.;,?!]+)",
    _I,
)
_WITHIN: Final = r"(?:[^;.?!]|[.](?=\w))"
_B: Final = rf"(?P<b>{_WITHIN}{{5,200}}?)"
_A: Final = rf"(?P<a>{_WITHIN}{{5,240}}?)"
_BACKWARDS: Final[Sequence[re.Pattern[str]]] = tuple(
    re.compile(pattern, _I)
    for pattern in (
        rf"^{_A}[,;.]\s+(?:but|though|and|only)?\s*that(?:'s|\s+is|\s+comes|\s+goes)\s+(?:the\s+)?(?:very\s+)?(?:last|final(?:ly)?)(?:\s+(?:thing|step|bit|part|of\s+all))?\s*[,;.]\s+(?:and\s+|but\s+)?(?:before\s+(?:that|it)|first(?:\s+of\s+all)?|to\s+begin\s+with)?,?\s*{_B}(?P<end>[.!?]?)$",
        rf"^(?:the\s+)?last\s+(?:step|thing|bit|part)(?:\s+(?:to\s+do|i\s+want))?\s+(?:is|would\s+be)\s+{_A}[,;.]\s+(?:and\s+|but\s+)?(?:what\s+comes|(?:what\s+)?(?:goes|comes)|the)\s+(?:first|before(?:\s+(?:that|it))?)(?:\s+(?:step|thing|bit|part))?(?:\s+(?:is|would\s+be))?\s+{_B}(?P<end>[.!?]?)$",
        rf"^before\s+you\s+{_A},?\s+you(?:'d\s+better|\s+had\s+better|'ll\s+have\s+to|\s+should|\s+must|\s+need\s+to|\s+have\s+to|'ll\s+want\s+to)\s+(?:have\s+|first\s+)?{_B}(?P<end>[.!?]?)$",
        rf"^{_A},?\s+(?:but|and|though)\s+(?:do\s+|run\s+|please\s+)*(?P<b>(?:the|an?|its)\s[^;.?!,]{{5,90}}?)\s+(?:before\s+(?:that|it)|ahead\s+of\s+(?:that|it)|beforehand)(?P<end>[,.!?]?)(?=\s|$)",
    )
)
"""Two deeds, the second of which is done first."""
_LOOK: Final = re.compile(
    r"(?P<begin>^|(?<=[.!?;]\s))(?:(?:i(?:'ve)?\s+)?(?:have\s+|got\s+)?no\s+(?:idea|clue)|not\s+sure|(?:i\s+)?(?:do\s+not|don'?t)\s+know|dunno|i\s+haven't\s+a\s+clue|who\s+knows|can't\s+tell)\s+what\s+(?:kind\s+of\s+\w+\s+)?(?P<what>(?:that\s+|the\s+|this\s+)?(?:(?:file|document|scan|pdf|thing)\s+)?(?-i:[A-Z]{2,5})-\w*\d\w*)\s+is(?:\s+supposed\s+to\s+be)?\s*[,;.]?\s*(?:(?:so|and|please|just)\s+)*(?:(?:have|take)\s+a\s+look(?:\s+at\s+it)?(?:\s+first)?|look(?:\s+at\s+it)?(?:\s+first)?)?(?P<end>\s*[,;.]\s*|$)",
    _I,
)
"""Not knowing what a document is asks to find it out."""

_THING: Final = r"(?:report|check|bill|forecast|return|contract|audit|benchmark|summary|risk|schedule|list|analysis|simulation|inventory|comparison|footprint|figures?)"
_DOCUMENT: Final = r"(?:green\s+button|certificate|(?:esg|sustainability)\s+report|edi\b|810\b|(?:gas|power|electric(?:ity)?|water|utility)\s+bill|invoice)"
_CODE: Final = r"(?-i:[A-Z]{2,5})-\w*\d\w*"
_PLAINLY: Final = turns(
    (
        (rf"(?<!\bwhat\s)(?<!\bhow\s)(?<!\bwhy\s)(?<!\bwhich\s)(?<!\bto\s)\bdo\s+(?:me\s+|us\s+)?(?=(?:the|an?)\s+(?:[\w-]+\s+){{0,3}}?{_THING}\b)", "run "),
        (r"\b(?:count|reckon|calculate|work|figure)\s+with\s+(?=[$]?\d[\d.]*\s*(?:%|percent)\b)", "with a discount rate of "),
        (r"\b(?:knock|deduct|subtract)\s+(?P<it>it|that|them|those)\s+(?:off|from)\b", r"take \g<it> off"),
        (r"\bwhat(?:'s|\s+is|\s+are|\s+would|\s+does|\s+do)\s+(?P<who>(?-i:[A-Z]\w+(?:\s[A-Z]\w+)?)|the\s+(?:state|utility)|they)\s+(?:paying(?:\s+out)?|giving(?:\s+out)?|chip(?:ping)?\s+in|offering|handing\s+out)\s+for\b", r"what does \g<who> pay for"),
        (r"^(?:ahead\s+of|in\s+time\s+for|prior\s+to|before)\s+(?:the|our|my|tomorrow's|today's|next\s+week's)\s+(?:[\w'-]+\s+){0,3}?(?:call|meeting|conference|visit|session|workshop|hearing|presentation|negotiations?)\b[^,;.?!\d]{0,60},\s+", ""),
        (rf",?\s+(?:and\s+)?whatever\s+(?:turns|comes|shows)\s+up\s*,?\s+(?={VERB}\s)", ", then "),
        (rf"^given\s+that\s+[^,;.?!\d]{{10,160}},\s+(?=(?:please\s+)?{VERB}\s)", ""),
        (r"\band\s+(?:actually|really|properly|also)\s+(?=[a-z]+ed\b)", "and "),
        (r"^(?:(?:i|we)(?:'ve)?\s+(?:need|want|have|got)\s+)?(?P<n>two|three|four|five)\s+(?:quick\s+|little\s+)?(?P<what>things|questions|jobs)(?P<about>\s+(?:for|on|about|at)\s+[^,:;.?!]{2,60})?\s*[,.]\s+(?=(?:what|which|how|when|where|who|is|are|does|do)\b)", r"\g<n> \g<what>\g<about>: "),
        (r"(?:,\s+|\s+)(?:and\s+)?(?P<x>(?:what|which|how|when|where|who|is|are|does|do)\b[^,;.?!]+?)\s+while\s+you(?:'re|\s+are)\s+at\s+it(?=[.!?]?$)", r", and in parallel \g<x>"),
        (r"(?:my|the)\s+\w+\s+(?:will|would|is\s+going\s+to|'ll)\s+(?:kill|murder|skin|fire|eat)\s+me\s+(?:if\s+i\s+(?:don't|do\s+not)|unless\s+i)\s+(?:have|get|bring|send)\s+", "I need "),
        (r"\b(?:shoot|fire|chuck|throw)\s+(?P<who>me|us)\s+(?=one|it|that|the|an?\b)", r"send \g<who> "),
        (rf"(?P<kind>(?:the\s+|an?\s+)?{_DOCUMENT})(?P<more>[^,;.?!]{{0,40}}(?:,\s+(?:the\s+)?810)?),\s+(?:it's|it\s+is|that's|that\s+is|namely)\s+(?:document\s+|number\s+)?(?P<code>{_CODE})\s*[,;.]\s+(?:so\s+|and\s+|please\s+)*(?P<verb>{VERB})\s+(?:that|it)\b", r"\g<verb> \g<kind> \g<code>"),
        (rf"(?P<begin>^|[,;.]\s+(?:and\s+)?)(?P<code>{_CODE})(?:'s|\s+is)\s+(?P<kind>(?:the|an?|our)\s+[\w\s-]{{3,40}}?)(?:,(?P<more>\s+the\s+\d+))?,\s+(?:so\s+|and\s+|please\s+)*(?P<verb>{VERB})\s+(?:that|it|this)(?:\s+one)?(?:\s+(?:too|as\s+well|also))?(?=[,.;!?]|$|\sand\s|\sthen\s)", r"\g<begin>\g<verb> \g<kind>\g<more> \g<code>"),
        (rf"(?P<begin>^|[,;.]\s+(?:and\s+)?)(?P<a>{_CODE})\s+and\s+(?P<b>{_CODE})\s+are\s+(?:both\s+)?(?:an?\s+|the\s+|our\s+)?(?P<kind>(?:[\w-]+\s+){{0,2}}[a-z]+s)\s*[,;.]\s+(?:so\s+|and\s+)*(?P<deed>{VERB}\s[^,;.?!]*?)\b(?:they|them|these|those|both)\b", r"\g<begin>\g<deed>the \g<kind> \g<a> and \g<b>"),
    )
)  # fmt: skip
_SCOPES: Final = re.compile(r"\bscopes?\s+(?:one|1)\s+(?:and|&|plus)\s+(?:two|2)(?P<three>\s+and\s+(?:three|3))?\b", _I)
_RUNS_OUT: Final = re.compile(r"\brun(?P<s>s|ning)?\s+out\b", _I)


def spoken(text: str) -> str:
    """The text with what was spoken in one breath as it is written.

    >>> spoken("How likely is a loss, over 30 percent then draft the contract, otherwise leave it")
    'How likely is a loss. If it is over 30 percent, draft the contract, otherwise leave it'
    >>> spoken("any open alerts, if there are text Kim, if there's none do nothing")
    'any open alerts, if it does, text Kim, otherwise, do nothing'
    >>> spoken("mail Kim, but that's the last thing, first audit DOC-1")
    'audit DOC-1, then mail Kim'
    """
    text = _LOOK.sub(r"\g<begin>classify \g<what>. ", _FILLERS.sub(" ", text))
    text = _SCOPES.sub(lambda m: glued("scope 1, 2 and 3" if m["three"] else "scope 1 and 2"), text)
    if re.search(r"\b(?:certificate|permit)s?\b", text, _I):
        text = _RUNS_OUT.sub(lambda m: {"s": "expires", "ning": "expiring"}.get((m["s"] or "").lower(), "expire"), text)
    text = turned(text, _PLAINLY)
    text = _BARE_ELSE.sub(", otherwise, ", _BARE.sub(r". If it is \g<c>, ", text))
    text = _IN_HAND.sub(_with_it, _THEN.sub(_then, text))  # before "so": "when you have it" is a time, no condition
    text = _SO_ASKED.sub(_if_so, _SO.sub(_if_so, _IF_NOT.sub(_otherwise, text)))
    for pattern in _BACKWARDS:
        text = pattern.sub(_forwards, text)
    return text


def _if_so(match: re.Match[str]) -> str:
    """What only says yes; "it does" where it says that there is something, whatever was asked."""
    return f"{match['begin'] or ''}if {'it does' if SOME.search(match.group(0)) else 'so'}, "


def _otherwise(match: re.Match[str]) -> str:
    """ "Otherwise" behind another condition; a condition of its own where there is none."""
    known = _CONDITION_BEFORE.search(match.string[: match.start()])
    return f"{match['begin'] or ''}otherwise, " if known else match.group(0)


def _then(match: re.Match[str]) -> str:
    begin = match["begin"].strip()
    if begin == ".":
        return ". Then "
    return f"{',' if begin in ('', ',') and match.start() else begin} then ".lstrip()


def _with_it(match: re.Match[str]) -> str:
    rate = re.search(r"\b(?:tariff|rate)s?\b", match.string[: match.start()], _I)
    return f", then {match['deed']} with {'that tariff' if rate else 'it'}"


def _forwards(match: re.Match[str]) -> str:
    return f"{imperative(match['b'])}, then {match['a']}{match['end']}"
