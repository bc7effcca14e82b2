"""Sentences that lean on the one before: what they leave out, and when they ask for more work on its outcome."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.clauses.abbreviations import written_out
from redaptive.orchestration.intelligent.planners.clauses.antecedents import spelled_out
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause, split
from redaptive.orchestration.intelligent.planners.clauses.connectives import SAY_FIRST
from redaptive.orchestration.intelligent.planners.clauses.corrections import corrected
from redaptive.orchestration.intelligent.planners.clauses.one_way import in_one_way
from redaptive.orchestration.intelligent.planners.clauses.statements import states
from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns
from redaptive.orchestration.intelligent.planners.clauses.typing_errors import without_errors
from redaptive.orchestration.intelligent.planners.clauses.verbs import asks, leaves_out, orders
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.outcome import Context
from redaptive.orchestration.intelligent.planners.parts.amendments import amended, things_last
from redaptive.orchestration.intelligent.planners.parts.labels import SURE, Classify, Models, Read, label, ranked
from redaptive.orchestration.intelligent.planners.values.ids import find_codes

_INTERJECTION: Final = re.compile(
    r"^(?:(?:(?:ah|oh)\s+(?:yes|right|ok(?:ay)?|i\s+see)|good|great|ok(?:ay)?|thanks?(?:\s+(?:you|a\s+lot))?|thank\s+you|perfect|fine|nice|hm+|right|alright|yes|yep|no|sorry|wait|cool|hey|hi|interesting|makes\s+sense|got\s+it|understood|excellent|wow|ah|oh|oops)[.,!:;–—-]+\s*|(?:oh|ah|oops|no|sorry|pardon)\s+(?=i\s+meant?\b)|(?:(?:that(?:'s|\s+(?:is|was))|i\s+(?:gave|said|typed|had))\s+)?(?:the\s+|an?\s+)?(?:wrong\s+(?:\w+\s+)?\w+|typo)[.,!;:–—-]+\s*|(?:my\s+(?:mistake|bad|fault|error)|i\s+mistyped|i\s+misspoke|scratch\s+that|forget\s+that)[.,!;:–—-]+\s*|drop\s+(?:everything|all\s+else)(?:\s+else)?(?:,|\s+and)\s+)+",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(
    r"^[\w'-]+(?:\s+(?!for\b|of\b)[\w'-]+){0,3}\s+aside,\s+|^(?:(?:killer|burning|stupid|silly|dumb|million[\s-]dollar|quick|big)\s+question|kill(?:ing)?\s+two\s+birds\s+with\s+one\s+stone|two\s+birds,?\s+one\s+stone)(?:\s+(?:from|of|for)\s+(?:the\s+|our\s+|my\s+)?[a-z]+)?\s*[:,.–—-]\s*",
    re.IGNORECASE,
)
"""Figures of speech that open a sentence and ask for nothing: "blackouts aside", "killer question"."""
_PLAINLY: Final = turns(
    (
        (
            r"^[^.?!\d]{4,80}[.!]\s+(?=(?:the\s+)?same(?:\s+(?:thing|question|again|check|request))?\s*,?\s+(?:but|for|with|again|on|at)\b)",
            "",
        ),
        (
            r"^(?:and\s+|but\s+)?how\s+(?:did|does|do|was|were|is|are)\s+(?:it|that|this|they|things)(?:\s+(?:look|do|go|fare|stand|perform))?(?:\s+like)?\s+(?=(?:in\s+|for\s+)?the\s+(?:year|month|quarter)\s+(?:before|after)\b)",
            "and ",
        ),
        (
            r"\s*[,;–—-]?\s*(?:(?:but|however|yet|though|and)\s+)?(?:not|never)\s+(?:without\s+(?:first\s+)?(?:(?:having|getting)\s+)?|before\s+(?=i\b|we\b))(?P<ok>(?:my|our)\s+(?:prior\s+|explicit\s+)?(?:approval|consent|sign[\s-]?off|go[\s-]?ahead|ok(?:ay)?|confirmation)|(?:i|we)\s+(?:approve|confirm|agree|sign\s+off|ok(?:ay)?))(?:\s+(?:though|however))?\b",
            r", only after \g<ok>",
        ),
        (
            r"\s*,?\s*(?:(?:but|however|yet|though)\s+)?only\s+(?:once|after|when)\s+(?:i|we)(?:'ve|\s+have)?\s+(?:given|gave)\s+(?:you\s+)?(?=(?:my|our)\s+(?:approval|consent|sign[\s-]?off|go[\s-]?ahead|ok(?:ay)?)\b)",
            ", only after ",
        ),
        (r",?\s*\beven\s+(?:if|when|though)\s+", ", with "),
        (
            r"(?P<what>\b(?-i:CO)-?\d.*|\bchange\s+(?:order|request)\b.*)\bturn\s+(?P<it>it|that|this)\s+down\b",
            r"\g<what>reject \g<it>",
        ),
        (
            r"\b(?:have|get)\s+(?P<what>(?:the|its|those|all)\s+(?:\w+\s+)?(?:gaps?|holes?))\s+(?:guessed|estimated|filled(?:\s+in)?|patched)\s+and\s+(?:actually\s+|really\s+)?(?:saved|kept|stored|written)(?:\s+this\s+time)?",
            r"fill \g<what> and apply the estimates",
        ),
        (
            r"\b(?:sometime|some\s+time)\s+(?:in|during|around)\s+(?:early\s+|late\s+|mid\s+)?(?:19|20)\d\d\b",
            "at some time",
        ),
        (
            r"\b(?:starts|begins|kicks\s+off)\s+(?:on\s+|at\s+)?(?P<a>[^,;.?!]{4,40}?)\s+and\s+(?:it\s+)?(?:stops|ends|finishes)\s+(?:on\s+|at\s+)?(?=[^,;.?!]*\d)",
            r"goes from \g<a> to ",
        ),
        (
            r"\b(?:the\s+)?(?P<when>before|after)\s+(?:is|was|being|=|would\s+be)\s+(?=(?:all\s+of\s+)?(?:20\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+20))",
            lambda m: "baseline " if m["when"].lower() == "before" else "reporting ",
        ),
        (
            r"(?:that\s+|which\s+|who\s+)?(?:has\s+)?(?:turned|turns|will\s+turn)\s+(?P<y>\d{1,2})(?=\s+(?:this|last|in)\b|\s*[.,;?!]|$)(?:\s+(?:this|last)\s+\w+)?",
            r"that is \g<y> years old",
        ),
        (
            r",?\s+(?:but\s+)?(?:not\s+assigned\s+(?:to\s+anyone|yet)|assigned\s+to\s+(?:nobody|no\s?one))(?:\s+(?:yet|for\s+now|so\s+far))?",
            "",
        ),
        (
            r"\b(?P<s>supply|leaving)\s+(?P<a>\d+(?:\.\d+)?),?\s+(?P<r>return|entering)\s+(?P<b>\d+(?:\.\d+)?)\s*(?:°\s*)?F\b",
            r"\g<s> \g<a> F, \g<r> \g<b> F",
        ),
        (
            r"(?P<date>\b\d{4}-\d\d-\d\d)(?P<on>\b.*?)\bfrom\s+that\s+day(?:\s+on)?\s+(?P<to>to|until|till|through)\s+(?=\d{4}-)",
            r"\g<date>\g<on>from \g<date> \g<to> ",
        ),
        (
            r",?\s*\b(?:customer|client)\s+(?P<c>(?-i:[A-Z]{3,5}))\s+(?:is\s+asking|asks|wants\s+to\s+know)\b[,:]?(?:\s+(?:so\s+)?(?:please\s+)?put\s+it\s+in\s+(?:plain|simple)\s+words)",
            r" For customer \g<c>, in plain words",
        ),
    )
)
"""Ways to say a figure or a thing that are read as other words are: "turned 23", "from that day"."""
ELLIPTIC: Final = re.compile(
    r"^\W*(?:(?:and|now|ok(?:ay)?|so|then|please|but|or|actually|well|good|also|maybe|rather|no|yes)\W+)*(?:(?:the\s+)?same\b|(?:what|how)\s+(?:do(?:es)?|did|will|would)\s+(?:it|that|this|they|those)\s+(?:all\s+)?(?:look(?:\s+like)?|come\s+out|turn\s+out|end\s+up|change|fare)\s+(?:with|for|at|over|under|using|in|on|by|without|if|when)\b|what\s+would\s+(?:it|that|they|those)\b(?!\s+(?:building|site|meter|project|portfolio|customer|unit)\b)|make\s+the\s+[\w-]+(?:\s+[\w-]+)?\s+[$]?\d|do\s+(?:the|that|it|this|so)\b(?=.*\b(?:one|same|again|too|as\s+well|for|with|at)\b)|as\s+(?:it|they|of|at)\b|for\s+the\b|only\b|just\b|what\s+about\b|how\s+about\b|how\s+(?:is|are|does|do)\s+\S*\d\S*(?:\s+(?:doing|look\w*|stand\w*|far\w+))?\W*$|what\s+if\b|how\s+would\b.*\bchange|"
    r"(?:against|versus|vs\.?|among|between|for|in|by|per|with|without|at|over|using|excluding|except|until|from|since|as\s+of|on|to)\b|make\s+(?:it|that)\b(?!\s+(?:\w+\s+)?(?:report|list|plan|checklist|summary|inventory|forecast|chart))|once\s+more\b|again\b|another\s+time\b|repeat\b|redo\b|use\s+\S+|try\s|change\s+(?:it|that|the)\b|switch\b|"
    r"exclude\b|leave\s+out\b|(?:leave|take|keep)\s+\S*\d\S*\s+out\b|(?:drop|skip)\s+\S*\d\S*|drop\s+the\b|skip\s+the\b|the\s+(?:first|second|third|last|other|next|previous)\s+(?:one|two)s?\b|assume\b|take\s+\S+\s+(?:as|instead)|set\s+(?:it|the)\b|the\s+[\w-]+\s+ones?\b|limit\s+(?:it|that|this)\b|narrow\b|widen\b|i\s+meant?\b|it(?:'s|\s+is)\s+\S*\d\S*\W*$|(?:it|that)\s+(?:should|was\s+(?:to|meant\s+to))\s+(?:be|have\s+been|say|read)\b|(?:raise|lower|stretch|extend|shorten|lengthen|cut|bump|push|move|reduce|increase|drop|put|bring)\s+(?:the|that|it|this)\s*(?:[\w-]+\s+){0,3}?(?:up\s+|down\s+|out\s+)?(?:to|by)\s+[$]?\d)"
    r"|\b(?:what|how)\b[^.?!]*\bthen\s*\?\W*$"
    r"|\b(?:instead|too|as\s+well(?:,\s*[\w-]+)?|again|once\s+more)\W*$|^(?!\W*(?:what|how|which)\b[^?]*\?\s+\w).*\bonly\W*$",
    re.IGNORECASE,
)
"""Follow-ups that are nothing without the request before, whatever their few words resemble."""
_SET_ASIDE: Final = re.compile(r"(?:,?\s+(?:rather\s+than|instead\s+of|in\s+place\s+of)|(?:,|,?\s+and)\s+not)\s+(?!(?:only|just|yet|more|less)\b)(?:(?:the|for|with|against|on|by)\s+)*(?!\w+ing\b)(?:[$]?\d[\d,.]*\d|[$]?[\w-]+)(?:\s+(?!(?:and|but|for|if|then|please)\b)[\w-]+){0,2}(?=[.,](?!\d)|[;!?]|$|\s+please\b)", re.IGNORECASE)  # fmt: skip
"""What a follow-up replaces: "industrial rather than commercial"."""
_REST_ALIKE: Final = re.compile(
    r"[,;.]?\s*(?:\b(?:and|but|while|with)\s+)?\b(?:(?:leave|leaving|keep|keeping|hold|holding)\s+)?(?:the\s+rest|everything\s+else|all\s+else|all\s+(?:the\s+)?others?(?:\s+\w+)?|the\s+other\s+(?:figures|numbers|inputs|values|terms|assumptions))\s*(?:stays?\s+|remains?\s+)?(?:as\s+(?:it|they)\s+(?:was|is|were|are)|the\s+same|unchanged|alone|equal|constant|fixed|as\s+before|as\s+is|untouched)(?=\s*(?:[.,;!?]|$))"
    r"|[,;.]?\s*(?:\b(?:and|but)\s+)?\b(?:keep|leave|hold)\s+(?:the\s+rest|everything\s+else|all\s+else)(?=\s*(?:[.;!?]|$))",
    re.IGNORECASE,
)
"""What says that nothing else changes."""
_BEFORE_THAT: Final = re.compile(
    r"^(?:but\s+|and\s+)?(?:before|prior\s+to)\s+(?:that|this|it|you\s+do(?:\s+(?:that|so|it|this))?|doing\s+(?:that|so|it|this))\b[,:]?\s*(?P<first>.+)$|^(?P<also>.+?)\s+(?:first|beforehand|before\s+(?:that|you\s+do\s+(?:that|so|it)))[.!\s]*$",
    re.IGNORECASE | re.DOTALL,
)
_POINTS: Final = re.compile(
    r"\b(?:it|its|that|this|those|these|them|they|their|there|such|both|result\w*|finding\w*|what\s+you\s+(?:find|found)|the\s+(?:report|worst|top|first|biggest|anomal\w+|faults?|answer|outcome|numbers|figures|plan|list|forecast|savings|contract))\b",
    re.IGNORECASE,
)
_THEN: Final = re.compile(
    r"^\W*(?:and\s+|now\s+|ok(?:ay)?,?\s+)?(?:then|after\s+that|afterwards|next|finally|now)\b", re.IGNORECASE
)
_ON_RESULTS: Final = frozenset(
    {
        "customer-experience.answer_question",
        "customer-experience.notify",
        "customer-experience.create_or_update_ticket",
        "energy-monitoring.raise_or_acknowledge_alert",
    }
)
"""Tools that tell, send or act on what another one found."""


def opened(text: str) -> str:
    """The sentence with its short forms written out, without interjections before it.

    >>> opened("Good. And for 48 hours ahead?")
    'And for 48 hours ahead?'
    """
    written = written_out(without_errors(in_one_way(corrected(text.strip()))))
    written = turned(written, _PLAINLY)
    return _SET_ASIDE.sub("", _REST_ALIKE.sub("", _ASIDE.sub("", _INTERJECTION.sub("", written)))) or written


_FILLERS: Final = re.compile(
    r"^\W*(?:(?:and|now|ok(?:ay)?|so|then|please|but|or|actually|well|also|rather|no|yes)\W+)*|\W*(?:,?\s*(?:please|this\s+time|then|now))*\W*$",
    re.IGNORECASE,
)
_MOST_BARE: Final = 8


def bare(text: str) -> bool:
    """Whether a sentence has no verb and few words, so that it may only change what the one before asked for.

    >>> bare("Now Q2 2025, as a PDF this time."), bare("Show the permits of P-4")
    (True, False)
    """
    words = _FILLERS.sub("", text)
    return leaves_out(words) and 0 < len(words.split()) <= _MOST_BARE and not certain(words)


_SAME_TIME: Final = re.compile(
    r"\b(?:the\s+)?same\s+(?:period|months?|quarters?|years?|weeks?|days?|time|dates?|span|season)\b", re.IGNORECASE
)


def leans_in_time(text: str) -> bool:
    """Whether a sentence takes its time from the one before: "in the same period"."""
    return bool(_SAME_TIME.search(text))


def leans(text: str) -> bool:
    """Whether a sentence without a code of its own points at what was spoken of before."""
    return bool(_POINTS.search(text)) and not find_codes(text)


_SAME_FOR: Final = re.compile(
    r"^(?P<change>.*\w),?\s+and\s+(?:please\s+)?(?:do\s+)?(?:the\s+same|likewise|so)(?:\s+(?:thing|again))?\s+(?:for|with|on|at)\s+(?=\S*\d)",
    re.IGNORECASE | re.DOTALL,
)
_WITHOUT: Final = re.compile(
    r"\b(?:(?:leave|take|drop|cut|keep)\s+(?P<a>\S*\d[\w-]*(?:(?:,\s*|\s+and\s+)\S*\d[\w-]*)*)\s+(?:out|off|away)|(?:without|exclude|excluding|minus|drop|skip|leave\s+out|ignore)\s+(?:(?:meter|building|site|project)s?\s+)?(?P<b>\S*\d[\w-]*))\b",
    re.IGNORECASE,
)


def regrouped(text: str, request: str) -> str:
    """A follow-up that adds to the things spoken of or takes some away, with all that are meant by their codes.

    >>> regrouped("Make that 48 hours, and do the same for MTR-10", "Forecast meter MTR-9")
    'Make that 48 hours, for MTR-9 and MTR-10'
    >>> regrouped("Leave B-32 out", "Benchmark buildings B-31 and B-32")
    'for B-31'
    """
    text = amended(text, request)
    before = [
        code for code in find_codes(request) if code.kind in ("meter", "building", "site", "project", "equipment")
    ]
    if (also := _SAME_FOR.match(text)) and (news := find_codes(text[also.end() :])):
        old = [code.code for code in before if code.kind == news[0].kind]
        return f"{also['change']}, for {' and '.join((*old, text[also.end() :]))}" if old else text
    out = _WITHOUT.search(text)
    gone = {code.code for code in find_codes(out.group(0))} if out else set()
    kept = [code.code for code in before if code.code not in gone]
    if out is None or not gone or not kept or len(kept) == len(before):
        return text
    return things_last(f"{text[: out.start()]}for {' and '.join(kept)}{text[out.end() :]}")


def joined(text: str, context: Context, classify: Classify, read: Read, models: Models) -> str | None:
    """Both requests as one, where the second works on what the first finds; None where it stands alone.

    A follow-up calls again what it needs of the last answer: results are not kept in the plan of a sentence.
    """
    request = context.request.strip(" .!?")
    if not request:
        return None
    if (match := _BEFORE_THAT.match(text)) and not SAY_FIRST.search(text):
        return f"{(match['first'] or match['also']).strip(' .!?')}, then {request}"
    clauses = split(text)
    before = ranked(request, classify, models)
    if not clauses or not before:
        return None
    first = clauses[0]
    if first.condition and not find_codes(first.condition) and not asks(first.text):
        return f"{request.splitlines()[-1]}. {text}"
    if ELLIPTIC.search(text):
        return None
    if (rest := _behind_repeat(text, clauses)) is not None:
        return f"{request.splitlines()[-1]}. {rest}"
    if len(clauses) > 1 and clauses[1].condition and asks(first.text) and leans(first.text):
        return f"{request.splitlines()[-1]}. {text}"
    found = label(first, (request,), classify, models).best
    if found is None or found.score < SURE or found.tool == before[0].tool:
        return None
    points = bool(_POINTS.search(first.text) or _THEN.match(text) or first.condition)
    model, earlier = models[found.tool], models[before[0].tool]
    again = _takes_records(model, earlier, first, read) or (points and _needs(model, earlier, first, read))
    return f"{request}. {text}" if again else None


def _behind_repeat(text: str, clauses: Sequence[Clause]) -> str | None:
    """What follows an order to do the same once more: "make that report again and email it to Kim"."""
    first = clauses[0].text
    repeats = _REPEATS.search(first) and _POINTS.search(first) and not find_codes(first)
    return _behind(text, first) if len(clauses) > 1 and repeats else None


def _behind(text: str, first: str) -> str | None:
    """What follows the words of the first clause; None where they were not said in just these words."""
    at = text.find(first)
    return _JOINT.sub("", text[at + len(first) :]) if at >= 0 else None


def _takes_records(model: ToolModel, before: ToolModel, clause: Clause, read: Read) -> bool:
    """Whether the tool lacks records that the one before finds, which nobody says in words."""
    missing = bind(model.tool, read(clause.text)).missing
    needs = [need for name in missing if (need := model.need(name)) is not None]
    records = [need for need in needs if need.entity is None and (need.type.items or need.type).field_names()]
    return any(links(need, before) for need in records)


def _needs(model: ToolModel, before: ToolModel, clause: Clause, read: Read) -> bool:
    """Whether the tool takes what the one before finds, or tells or sends it to somebody."""
    if model.name in _ON_RESULTS and not find_codes(clause.text):
        return True
    missing = bind(model.tool, read(clause.text)).missing
    needs = [need for name in missing if (need := model.need(name)) is not None]
    return any(need.entity is None and links(need, before) for need in needs)


_REPEATS: Final = re.compile(r"\b(?:again|once\s+more|another\s+time)$", re.IGNORECASE)
_JOINT: Final = re.compile(r"^[\s,;.:!]*(?:and\s+|but\s+)?(?:also\s+)?", re.IGNORECASE)
_CHANGES: Final = re.compile(
    r"\d|\b(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)\s+(?:hours?|days?|weeks?|months?|years?)|instead|again|once\s+more|repeat|redo|rather|too|as\s+well|do\s+(?:it|that|this|so|the\s+same)|(?:what|how)\s+about|same\s+(?:thing\s+)?for)\b",
    re.IGNORECASE,
)
"""Words of a change or a second go, where "the same building" only points."""


_MAKES: Final = re.compile(r"make\s+the\s+[\w-]+(?:\s+[\w-]+)?\s+[$]?\d", re.IGNORECASE)
"""A change of a figure by its name: "make the savings 41 thousand"."""
_GOES_FOR: Final = re.compile(r"go\s+(?:for|with|by)\s", re.IGNORECASE)
"""A choice between what the request before could be done by: "go for carbon"."""


def bent_and_more(text: str) -> tuple[str, str] | None:
    """A change of the request before, and the wishes behind it; None where there is only one of both.

    >>> bent_and_more("Make it 48 hours, and list the open alerts")
    ('Make it 48 hours', 'list the open alerts')
    """
    clauses = split(text)
    more = next((at for at, clause in enumerate(clauses) if at and _is_more(clause.text)), 0)
    if not more or _orders_anew(clauses[0].text) or any(clause.condition for clause in clauses):
        return None
    changed = [clause.text for clause in clauses[:more] if not states(clause.text)]
    changes = bool(changed) and bool(ELLIPTIC.search(changed[0]) and _CHANGES.search(changed[0]))
    behind = _behind(text, clauses[more - 1].text)
    if not changes or behind is None or not all(_is_more(clause.text) for clause in clauses[more:]):
        return None
    return ", ".join(changed), behind


def bends(text: str, clauses: Sequence[str]) -> bool:
    """Whether a follow-up changes the request before, with or without further wishes among its clauses."""
    changes = ELLIPTIC.search(text) is not None
    return changes and (bent_and_more(text) is not None or not all(orders(clause) for clause in clauses))


def _is_more(text: str) -> bool:
    """Whether a clause asks for work of its own."""
    return _orders_anew(text) or asks(text)


def _orders_anew(text: str) -> bool:
    return orders(text) and not _MAKES.match(text) and not _GOES_FOR.match(text)


def plain(text: str, context: Context) -> str:
    """The sentence with its pronoun spelled out by the request before."""
    return spelled_out(text, (context.request,)) if context.request else text
