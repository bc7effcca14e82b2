"""Sentences about the answer that was just given: why, how it came about, how many rows, in which units and form."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from redaptive.orchestration.answers.arrangement import Arrangement, end_for, end_in, quantity_in
from redaptive.orchestration.answers.limits import Limit, limit_in
from redaptive.orchestration.dialogue.reckoning import Reckoning, reckoning_in
from redaptive.orchestration.dialogue.telling import told_quantity
from redaptive.orchestration.intelligent.matchers.entities.counts import find_counts
from redaptive.orchestration.intelligent.matchers.entities.numbers import spelled_value

_I: Final = re.IGNORECASE
Form = Literal["text", "csv", "json", "chart"]


@dataclass(frozen=True)
class Remark:
    """What is wished of the last answer: that it is explained, shown again otherwise, or reckoned with; or only thanks.

    `tells` is the quantity of which only the figures are wished: "what is the payback?". `one` says that the first row of what is wished is what is spoken of then: "which one is the worst?", `of_two` that two rows are meant.
    """

    thanks: bool = False
    explains: bool = False
    form: Form = "text"
    wish: Arrangement | None = None
    one: bool = False
    reckons: Reckoning | None = None
    tells: str = ""
    of_two: bool = False

    @property
    def leans(self) -> bool:
        """Whether it says nothing at all without an answer before it: "why?", "chart it", "the median?"."""
        reckons = self.reckons is not None and self.reckons.kind in _LEANING
        return self.explains or self.form != "text" or reckons


_LEANING: Final = frozenset({"compare", "mean", "median", "sum", "outliers"})
_LEAD: Final = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|so|now|but|no|well|hm+|great|thanks?(?:\s+you)?|sorry|wait|actually|please|then|hey|rather|just|only|yes|cool|good|nice)\b[\s,.!:;–—-]*)*"
    r"(?:(?:can|could|would|will)\s+(?:you|i|we)\s+(?:please\s+)?)?(?:i(?:'d|\s+would)?\s+(?:want|need|like)\s+(?:to\s+(?:see|have|know)\s+)?|(?:let\s+me|let's)\s+(?:see|have)\s+)?(?:please\s+)?",
    _I,
)
_TRAIL: Final = re.compile(
    r"(?:[\s,]*\b(?:please|then|now|again|instead|this\s+time|exactly|thanks?|for\s+me|though)\b)*[\s.!?]*$", _I
)
_THAT: Final = r"(?:that|this|it|these|those|they|them|(?:that|this|the|your|these|those|all\s+(?:the|these))\s+(?:last\s+|above\s+)?(?:answers?|results?|numbers?|figures?|values?|ranking|list|table|rows?|data|order|conclusions?))"
_ENOUGH: Final = re.compile(
    r"(?:that(?:'s|\s+is|\s+was|\s+will\s+be)|this\s+is)\s+(?:all|it|enough|everything|helpful|great|good|perfect)(?:\s+(?:for(?:\s+(?:now|today))?|i\s+need(?:ed)?))?|(?:good)?bye|i(?:'m|\s+am)\s+done",
    _I,
)
_EXPLAINS: Final = re.compile(
    rf"(?:why|why\s+{_THAT}|how\s+come|how\s+so|why\s+so|why\s+(?:is|was|are)\s+{_THAT}|why\s+that|why\s+do\s+you\s+(?:say|think|ask|need)\s+(?:that|this|so|to\s+know(?:\s+that)?)?|why\s+do\s+you\s+ask|why\s+not|what\s+makes\s+you\s+say\s+(?:that|this|so)"
    rf"|how\s+(?:did|do|have|could)\s+you\s+(?:get|got|find|found|come\s+up\s+with|arrive\s+at|calculate|compute|work\s+out|know|determine|derive|make|do|reach|come\s+to)\s*(?:{_THAT})?(?:\s+out)?"
    rf"|how\s+(?:was|is|were|are)\s+{_THAT}\s+(?:calculated|computed|worked\s+out|derived|determined|found|obtained|made|estimated|ranked|ordered)"
    rf"|where\s+(?:do|does|did|are|is)\s+{_THAT}\s+(?:come\s+from|from|coming\s+from)|what(?:'s|\s+is|\s+are|\s+was|\s+were)\s+{_THAT}\s+based\s+on"
    rf"|(?:explain|justify)(?:\s+(?:{_THAT}|yourself|how|why|how\s+you\s+(?:got|found)\s+{_THAT}|where\s+{_THAT}\s+comes?\s+from))?(?:\s+to\s+me)?"
    rf"|(?:show|give)(?:\s+me)?\s+(?:your|the)\s+(?:work(?:ings?)?|sources?|method|calculations?|evidence|provenance|reasoning)"
    rf"|what\s+(?:are|is|were|was)\s+(?:your|the|its)\s+(?:sources?|method|evidence|assumptions?|basis)(?:\s+(?:of|for|behind)\s+{_THAT})?|(?:sources?|source\s+of\s+{_THAT}|provenance|assumptions?|method)"
    rf"|(?:are\s+you|how)\s+sure(?:\s+(?:about|of)\s+{_THAT})?(?:\s+are\s+you)?|how\s+(?:accurate|reliable|certain|good|trustworthy|solid)\s+(?:is|are)\s+{_THAT}|can\s+i\s+trust\s+{_THAT}|is\s+{_THAT}\s+(?:right|correct|reliable|accurate)"
    rf"|(?:(?:from|on|for|of|in|with)\s+)?(?:what|which)\s+(?:data|period|tools?|steps?|inputs?|sources?|method|meters?|assumptions?|factors?|prices?|time(?:\s+range|\s+span)?|years?)\s+(?:(?:did|do|have)\s+you\s+(?:use|call|take|assume)d?|(?:is|was|were|are)\s+{_THAT}(?:\s+(?:from|for|of|based\s+on))?|(?:was|were)\s+used|does\s+{_THAT}\s+(?:cover|use|come\s+from))"
    rf"|what\s+(?:does|do|did)\s+{_THAT}\s+mean(?:\s+exactly)?|i\s+do(?:n't|\s+not)\s+(?:understand|get)(?:\s+{_THAT})?|says\s+who|prove\s+it|what\s+did\s+you\s+do(?:\s+there)?|how(?:\s+exactly)?|on\s+what\s+basis)",
    _I,
)
_SHOW: Final = r"(?:(?:show|give|get|print|list|export|save|put|return|present|display|make|have|need|want|send|keep)(?:\s+(?:me|us))?\s+)?(?:(?:only|just)\s+)?"
_FORM: Final = re.compile(
    rf"{_SHOW}(?:{_THAT}\s+)?(?:(?:as|in|to|into|with)\s+)?(?:an?\s+|the\s+)?(?P<form>table|csv|json|comma[\s-]separated(?:\s+values)?|spreadsheet|excel)(?:\s+(?:form(?:at)?|file|of\s+{_THAT}))?",
    _I,
)
_SAVED: Final = re.compile(rf"(?:export|save|download)(?:\s+{_THAT})?(?:\s+(?:to|as|in|into)\s+an?\s+file)?", _I)
_CHARTED: Final = re.compile(
    rf"(?:chart|plot|graph|draw|visuali[sz]e)(?:\s+{_THAT})?|{_SHOW}(?:{_THAT}\s+)?(?:(?:as|in|on)\s+)?an?\s+(?:bar\s+|line\s+)?(?:chart|graph|plot|diagram)(?:\s+of\s+{_THAT})?",
    _I,
)
_ALL: Final = re.compile(
    rf"{_SHOW}(?:(?:all|every)(?:\s+(?:of\s+(?:them|those|these|it)|(?:the\s+)?(?:rows?|entries|results?|lines?|buildings|others?|\d+(?:\s+(?:rows|of\s+them))?)))?|everything|the\s+(?:full|whole|complete|entire)\s+(?:list|table|answer|ranking|thing)|the\s+rest(?:\s+of\s+(?:them|the\s+list|those))?|the\s+\d+\s+(?:more|others?)|(?:{_THAT}\s+)?in\s+full|more(?:\s+rows)?)",
    _I,
)
_FIRST: Final = re.compile(
    rf"{_SHOW}(?:the\s+)?(?:first|top|last|bottom)\s+(?P<n>\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|dozen)(?:\s+(?:rows?|of\s+(?:them|those|these)|ones?|only|entries|results?))?",
    _I,
)
_ONLY_THOSE: Final = re.compile(
    r"\W*(?:(?:and|but|ok(?:ay)?|please|now|show(?:\s+me)?|give\s+me|keep|list)\W+)*(?:(?:only|just)\s+)(?:(?:the|those|these)\s+)?(?:(?:ones?|rows?|measures?|projects?|buildings?|opportunit(?:y|ies)|anomal(?:y|ies)|stores?|offices?|sites?|customers?|meters?|results?|entries)\s+)?(?P<limit>(?:(?:that|which|with|who|where)\b)?[\w\s-]{0,40}?(?:under|below|over|above|(?:more|less|fewer|higher|lower|cheaper|longer|larger|bigger)\s+than|at\s+(?:most|least)|no\s+(?:more|less)\s+than|up\s+to|within|[<>]=?)\s+\$?\s?\d[\d,.]*\s?(?!(?:hours?|days?|weeks?|months?|ft2|sq|square)\b)[a-z%]*(?:\s+(?:a|per)\s+(?:year|day|month))?)[\s.!?]*",
    _I,
)
_ONLY_SO_MANY: Final = re.compile(
    r"^\W*(?:(?:and|but|ok(?:ay)?|please|show(?:\s+me)?|give\s+me)\W+)*(?:only|just|at\s+most|no\s+more\s+than|max(?:imum|\.)?)\s+(?:the\s+)?(?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)(?:\s+(?:rows?|of\s+(?:them|those|these)|ones?|entries|results?|lines?))?(?:\s+please)?\W*$",
    _I,
)
_RANK_NOUN: Final = r"(?:\s+(?:rows?|ones?|of\s+(?:them|those|these)|entries|results?|buildings?|stores?|offices?|meters?|anomal(?:y|ies)|opportunit(?:y|ies)|projects?|sites?|customers?|users?|consumers?|offenders?|savers?|candidates?|places?))?"
_COUNTED: Final = re.compile(
    rf"{_SHOW}(?:the\s+|our\s+|my\s+)?(?:(?:top|worst|best|biggest|largest|highest|lowest|smallest|cheapest|bottom|costliest|most\s+expensive|least\s+efficient|most\s+efficient|hungriest|dirtiest)\s+(?:\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|dozen|few)|(?:\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)\s+(?:of\s+the\s+)?(?:top|worst|best|biggest|largest|highest|lowest|smallest|cheapest|bottom|costliest|most\s+expensive|least\s+efficient|most\s+efficient|hungriest|dirtiest)){_RANK_NOUN}(?:\s+(?:by|in\s+terms\s+of)\s+[\w\s]{{2,30}})?",
    _I,
)
_SORTED: Final = re.compile(
    rf"(?:(?:sort|rank|order)(?:ed)?(?:\s+(?:{_THAT}|rows))?|{_SHOW}(?:{_THAT}\s+)?(?:sorted|ranked|ordered))\s+by\s+(?P<by>[\w\s$]{{2,40}})|by\s+(?P<only>[\w\s$]{{2,30}})",
    _I,
)
_END_FIRST: Final = re.compile(
    rf"{_SHOW}(?:{_THAT}\s+)?(?:with\s+)?(?:the\s+)?(?P<end>cheapest|most\s+expensive|highest|lowest|worst|best|biggest|largest|smallest)(?:\s+\w+)?\s+first|(?P<turn>(?:the\s+)?other\s+way\s+(?:a?round)|revers(?:e|ed)(?:\s+(?:{_THAT}|the\s+order))?)",
    _I,
)
_IN_UNITS: Final = re.compile(
    rf"{_SHOW}(?:{_THAT}\s+)?(?:(?:in|as)\s+)?(?P<unit>(?:(?:energy|electric(?:ity|al)?)\s+)?(?:kwh|therms?|dollars?|usd|\$|money|tco2e?|tons?\s+(?:of\s+)?co2e?|co2e?|carbon|emissions|costs?|eui|kilowatt[\s-]?hours?)|(?:(?:kwh|dollars?|usd|\$|costs?|energy|tons?|emissions|co2)\s+)?(?:per|by|a)\s+(?:sq(?:uare|\.)?\s*-?\s*(?:foot|feet|ft)\.?|sqft|ft2|sf|floor\s+area|area))"
    r"(?:\s*,?\s*(?:instead\s+of|rather\s+than|(?:and\s+)?not)\s+(?:in\s+)?(?P<gone>[\w$]+(?:\s+per\s+[\w\s]+)?))?",
    _I,
)
_WHICH_OF: Final = re.compile(
    r"which\s+(?P<d>(?:has|have|had|uses?|used|costs?|saves?|emits?|pays?|needs?)\s+[\w\s$]{3,40})|which(?:\s+(?:ones?|buildings?|stores?|projects?|measures?|meters?|sites?|rows?))?\s+(?:of|among|out\s+of)\s+(?:them|those|these)(?:\s+(?:two|three|four|five|ones?|buildings?))?\s+(?P<a>[\w\s$]{4,50})|which\s+(?:ones?|projects?|measures?|rows?|opportunit(?:y|ies))\s+(?P<b>[\w\s$]{4,50})|(?:of|among)\s+(?:them|those|these)\s*,?\s*which(?:\s+\w+)?\s+(?P<c>[\w\s$]{4,50})",
    _I,
)
_OF_TWO: Final = re.compile(r"\b(?:them|those|these)\s+two\b", _I)
_JUDGED: Final = re.compile(
    r"^(?:is|are|was|were)\s+(?:the\s+)?(?:worse|worst|better|best)(?:\s+(?:one|of\s+(?:them|all|these|those)))?$", _I
)
_LESS: Final = re.compile(
    r"(?:without|drop|leave\s+out|skip|hide|no)\s+(?:the\s+)?(?P<gone>\w+(?:\s+(?:columns?|figures?))?)", _I
)


_PER: Final = re.compile(
    rf"(?:{_SHOW}(?:{_THAT}\s+)?(?:(?:split|broken\s+down|broken\s+up|grouped|listed|divided|spread)\s+)?(?:by|per|for\s+each|for\s+every)\s+month|{_SHOW}(?:the\s+)?(?:monthly(?:\s+(?:figures|values|numbers|view|breakdown|totals))?|month\s+by\s+month))(?:\s+(?:figures|numbers|breakdown))?",
    _I,
)
_WHICH_MONTH: Final = re.compile(
    r"(?:which|what)\s+(?:was\s+the\s+|is\s+the\s+)?(?:(?P<a>worst|best|highest|lowest|biggest|peak|top)\s+)?month(?:\s+(?:was|is|had|has|did|do|does|used?|uses|saw|cost)\b[\w\s]{0,40}?)?(?:\s+(?:the\s+)?(?P<b>worst|best|highest|lowest|most|least|biggest|smallest)(?:\s+[\w\s]{2,20})?)?",
    _I,
)
_GAS_ONLY: Final = re.compile(
    rf"(?:(?:the\s+)?same\s+(?:thing\s+)?for\s+(?:the\s+)?|(?:what|how)\s+about\s+(?:the\s+)?|how\s+much\s+(?:is|was|are)\s+(?:the\s+)?)?(?:{_SHOW}(?:just|only)\s+(?:the\s+)?)?(?P<what>gas|electricity|water|electric|power|emissions?|carbon|costs?|dollars)(?:\s+(?:figures?|numbers?|use|part))?\s*(?:only|alone)?",
    _I,
)


def remark_on(text: str) -> Remark | None:
    """What a sentence asks of the last answer; None where it asks for something of its own.

    >>> remark_on("how did you get that?").explains, remark_on("as CSV please").form, remark_on("benchmark B-1")
    (True, 'csv', None)
    """
    words = _TRAIL.sub("", _LEAD.sub("", text.strip(), count=1))
    if not words and text.strip(" .!?"):
        return Remark(thanks=True)
    if _ENOUGH.fullmatch(words):
        return Remark(thanks=True)
    if not words or len(words.split()) > 16:
        return None
    if _EXPLAINS.fullmatch(words):
        return Remark(explains=True)
    if quantity := told_quantity(words):
        return Remark(tells=quantity)
    if (match := _ONLY_THOSE.fullmatch(text.strip())) and (limit := _limit(match["limit"])):
        return Remark(wish=Arrangement(within=(limit,)))
    if match := _ONLY_SO_MANY.match(text):
        return Remark(wish=Arrangement(most=int(spelled_value(match["n"]) or 1)))
    if match := _FORM.fullmatch(words):
        return Remark(form=_form(match["form"]))
    if _SAVED.fullmatch(words) or _CHARTED.fullmatch(words):
        return Remark(form="csv" if _SAVED.fullmatch(words) else "chart")
    wish = _wish(words)
    one = bool(re.match(r"which\s+(?:one|building|store|meter|site|project)\b", words, _I))
    if wish is not None:
        return Remark(wish=wish, one=one, of_two=bool(_OF_TWO.search(words)))
    return Remark(reckons=reckons) if (reckons := reckoning_in(words)) else None


def _limit(words: str) -> Limit | None:
    """The limit of "that pay back in under 3 years": of the quantity that is said before the figure, else by its unit.

    Where neither says it, the quantity is left open.
    """
    return limit_in(words, quantity_in(re.split(r"\d|\$", words)[0])) or limit_in(words, "", bare=True)


def _form(word: str) -> Form:
    plain = word.lower()
    return "json" if plain == "json" else "text" if plain == "table" else "csv"


def _wish(words: str) -> Arrangement | None:
    """The rows, the order and the units that the words wish."""
    if _ALL.fullmatch(words):
        return Arrangement(most=0)
    if _COUNTED.fullmatch(words):
        counted = find_counts(words)
        by = quantity_in(words)
        return Arrangement(counted[0].n, by, end_for(by, words)) if counted else None
    if match := _FIRST.fullmatch(words):
        return Arrangement(most=int(spelled_value(match["n"]) or 1))
    if match := _SORTED.fullmatch(words):
        by = quantity_in(match.group(0))
        return Arrangement(by=by, end=end_in(words)) if by and _only_quantity(match["by"] or match["only"]) else None
    if match := _END_FIRST.fullmatch(words):
        return Arrangement(end="lowest" if match["turn"] else end_in(match["end"]), by=quantity_in(match["end"] or ""))
    if match := _IN_UNITS.fullmatch(words):
        return _in_units(match)
    if match := _WHICH_OF.fullmatch(words):
        asked = match["a"] or match["b"] or match["c"] or match["d"]
        by, end = quantity_in(asked), end_in(asked)
        return Arrangement(by=by, end=end) if end and (by or _JUDGED.search(asked)) else None
    if _PER.fullmatch(words):
        return Arrangement(per="month", by=quantity_in(words))
    if (match := _WHICH_MONTH.fullmatch(words)) and (match["a"] or match["b"]):
        return Arrangement(per="month", by=quantity_in(words), end=end_in(words) or "highest")
    if (match := _GAS_ONLY.fullmatch(words)) and (only := quantity_in(match["what"])):
        return Arrangement(only=(only,))
    if (match := _LESS.fullmatch(words)) and (gone := quantity_in(match["gone"])):
        return Arrangement(without=(gone,))
    return None


def _in_units(match: re.Match[str]) -> Arrangement | None:
    unit = re.sub(r"kilowatt[\s-]?hours?", "kWh", match["unit"], flags=_I)
    by, gone = quantity_in(unit), quantity_in(match["gone"]) if match["gone"] else None
    return None if by is None else Arrangement(by=by, only=(by,), without=(gone,) if gone and gone != by else ())


_DIMENSION: Final = re.compile(
    r"\b(?:sectors?|types?|states?|zones?|customers?|sites?|buildings?|cit(?:y|ies)|months?|days?|weeks?|hours?|years?|kinds?|meters?|email|sms|mail|phone|tomorrow|monday|friday|noon)\b",
    _I,
)


def _only_quantity(words: str) -> bool:
    """Whether "by ..." names what orders rows, and not what groups them or until when."""
    return not _DIMENSION.search(words) and quantity_in(words) is not None
