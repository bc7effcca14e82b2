"""Requests that contradict themselves: a thing and its opposite, a thing without itself, all above their average."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words
from redaptive.orchestration.intelligent.planners.values.numerals import count

_OPPOSITES: Final = (
    (r"approve", r"reject"), (r"clos(?:e|ed)", r"(?:(?:keep|leav)\w*\s+(?:it\s+|them\s+)?open|(?:re-?)?open(?:ed)?)"), (r"offline", r"(?:reporting|online)"), (r"cheapest", r"(?:most\s+expensive|dearest)"), (r"smallest", r"largest"),
    (r"highest", r"lowest"), (r"start", r"never\s+start"), (r"on", r"off"), (r"include", r"exclude"), (r"increase", r"decrease"), (r"raise", r"lower"), (r"heated", r"cooled"),
    (r"above\s+[\w,.$ ]+?", r"below(?:\s+[\w,.$]+)?"), (r"before", r"after"), (r"floor", r"ceiling"),
)  # fmt: skip
_AT_ONCE: Final = r"(?:at\s+once|at\s+the\s+same\s+time|simultaneously|both\s+at\s+once|and\s+also\s+not)"
_SELF: Final = re.compile(
    r"\b(?:both|at\s+once)\s+\w+\s+and\s+not\s+\w+|\bbe\s+both\b.{0,40}\band\s+not\b|\bwith(?:out)?\s+itself\b|\bcompar\w+\s+(?:only\s+)?(?P<a>[\w-]+(?:\s[\w-]+)?)\s+(?:only\s+)?(?:with|to|against)\s+(?:only\s+)?(?:(?P=a)|itself)\b(?!\s+(?:last|in|from|before|a\s+year|earlier|year))|"
    r"\b(?P<v>replac|install|audit|remov|repair|measur|verif|calculat|benchmark|forecast|send|notif|schedul|reduc|design|normali[sz]|creat|analy[sz]|commission|charg|spend|clos)\w*\b[^.;]{0,60}\bwithout\s+(?:actually\s+|ever\s+)?(?P=v)\w*ing\b|"
    r"\b(?:audit|check|read|extract)\s+(?:the\s+|a\s+|my\s+)?(?:bill|invoice|document|report)\b.{0,20}\bwithout\s+(?:looking\s+at|opening|reading|seeing)\b|\bcreate\b.{0,30}\bbut\s+don'?t\s+create\b|\bwithout\s+(?:touching|changing|doing)\s+anything\b.{0,40}\b(?:no\s+(?:measures|change|investment)|at\s+all)\b|"
    r"\bnormali[sz]e\b.{0,30}\b(?:but\s+)?(?:ignor\w+|without)\s+(?:the\s+)?weather\b|\bminimum\b.{0,30}\b(?:higher|greater|larger|bigger|above)\b.{0,12}\bmaximum\b|\bmaximum\b.{0,30}\b(?:lower|less|smaller|below)\b.{0,12}\bminimum\b|\b(?:base|off-peak|night)\s+load\b.{0,20}\b(?:higher|above)\b.{0,12}\b(?:peak|maximum)\s+(?:load|demand)?\s*(?:at|of)\b|"
    r"\b(?:every|each|all)\b[^.;?]{0,40}\b(?:must|should|shall|has\s+to|have\s+to|needs?\s+to)\s+(?:be|rank|lie|sit|come|score|end\s+up)\b[^.;?]{0,40}\b(?:top\s+\w+\s*(?:%|percent)|above\s+(?:the\s+)?(?:average|median)|better\s+than\b.{0,24}\b(?:average|median)|number\s+one)\b|\ball\s+(?:sites|buildings|of\s+them|stores)\s+in\s+the\s+top\s+\w+\s*(?:%|percent)|"
    r"\b(?:every|each)\s+task\b.{0,30}\b(?:wait|after|depends?)\b.{0,24}\bevery\s+other\b|\b(?P<t>[\w-]+)\s+(?:(?:must|has\s+to|should|can\s+only|may\s+only)\s+)?(?:(?:finish|end|come|start|begin|be\s+(?:done|finished)|happen)\w*\s+)?(?P<o>before|after)\s+(?:task\s+)?(?P<w>[\w-]+)\b[^.]{0,60}\b(?P=w)\s+(?:(?:must|has\s+to|should|can\s+only|may\s+only)\s+)?(?:(?:finish|end|come|start|begin|be\s+(?:done|finished)|happen)\w*\s+)?(?P=o)\s+(?:task\s+)?(?P=t)\b|"
    r"\b(?:less|lower|fewer)\s+than\s+(?:nothing|none)\b|\bmore\s+than\s+(?:everything|all\s+of\s+it\s+together)\b|\bas\s+[\d.,]+\s*(?P<u>\w+)\s+and\s+(?:also\s+|once\s+more\s+)?as\s+[\d.,]+\s*(?P=u)\b|\bnever\s+(?:has\s+)?existed\s+and\b|\bverif\w*\b[^?]{0,80}\bbefore\s+(?:it|they|the\s+\w+)\s+(?:has|have|is|was|are|were)\s+(?:been\s+|even\s+)*(?:installed|built|finished|started|begun)\b|\b(?:open\s+[\w ]{0,20}(?:that|which)\s+(?:are|is|were)\s+(?:already\s+|also\s+)?closed|closed\s+[\w ]{0,20}(?:that|which)\s+(?:are|is|were)\s+(?:still\s+|also\s+)?open|offline\s+[\w ]{0,20}(?:that|which)\s+(?:are|is)\s+(?:also\s+|still\s+)?(?:online|reporting)|online\s+[\w ]{0,20}(?:that|which)\s+(?:are|is)\s+(?:also\s+)?offline|rejected\s+[\w ]{0,20}(?:that|which)\s+(?:are|were)\s+(?:also\s+)?approved|inactive\s+[\w ]{0,20}that\s+(?:are|is)\s+active)\b|\b(?:has|have)\s+never\s+existed\b|\b(?:that|which)\s+(?:do(?:es)?\s+not|don'?t|doesn'?t|never)\s+(?:even\s+)?exist(?:s|ed)?\b|\b(?:irr|payback|npv|roi)\b.{0,60}\b(?:never\s+pays?|saves?\s+nothing|brings?\s+nothing|no\s+savings\s+at\s+all)\b|\bdoes(?:n'?t|\s+not)\s+exist\s+(?:and|yet)\b|\bzero\b.{0,30}\blocation[\s-]based\b|"
    r"\b(?:verify|calculate|compute|forecast|estimate|normali[sz]e|measure|benchmark|prove)\b[^.;?]{0,60}\bwithout\s+(?:a|any|the|using\s+any|having\s+any)\s+(?:baseline|data|readings|meters?|history|tariff|measurements?|consumption|interval\s+data)\b|"
    r"\b(?:reduc\w+|lower\w*|cut\w*|decreas\w+)\b[^.;?]{0,40}\bwhile\s+(?:also\s+)?(?:increasing|raising|doubling)\s+(?:it|them|the\s+same)\b|"
    r"\bverif\w*\s+(?:the\s+)?savings?\b[^?]{0,60}\b(?:never\s+(?:been\s+)?(?:installed|built|started|done)|(?:hasn'?t|has\s+not|haven'?t|isn'?t|not)\s+(?:yet\s+|been\s+)*(?:begun|started|installed|built|planned)|that\s+gets\s+installed\s+in\s+20[3-9]\d)\b|"
    r"\b(?:rank|list|show|benchmark|compare)\b[^.;?]{0,40}\b(?:but|and)\s+(?:leave\s+out|exclude|omit|skip)\s+(?:every\s+(?:one|single\s+one)|all\s+of\s+them|everything|them\s+all)\b|\b(?:send|notify|tell|text|email)\b[^.;?]{0,40}\b(?:to\s+(?:nobody|no\s?-?one)|but\s+(?:make\s+sure\s+(?:that\s+)?)?(?:no\s+(?:message|mail|email|sms)\s+(?:is|gets)|don'?t\s+send))\b|"
    r"\b(?:by|through|while)\s+choosing\s+no\s+project|\bgives?\s+both\s+(?:sides|parties)\s+all\b|\bsite\s+without\s+any\s+meters?\b|\bnever\s+received\b.{0,20}\baudit\b|\bboth\s+(?:a\s+)?baseline\s+(?:year\s+)?and\s+(?:the\s+)?reporting\b|\bbaseline\s+(?:year\s+)?that\s+is\s+also\s+the\s+reporting\b|\b(?:cheaper|faster)\b.{0,40}\btwice\s+the\s+scope\b.{0,30}\bhalf\b|"
    r"\bwithout\s+(?:adding|reading|using|any)\b.{0,40}\b(?:and\s+without|without|nor)\s+(?:reading|using|any)\b.{0,30}\b(?:meters?|data|factors?|readings?)\b|\bwithout\s+(?:factors|activity\s+data|any\s+data)\b|\bno\s+longer\s+exists\b|\bday\s+that\s+has\s+no\s+data\b|\bclose\b.{0,30}\b(?:and|but)\s+(?:keep|leave)\s+(?:it|that|them)\s+open\b|\bwith\s+no\s+(?:crew|tasks?),?\s+(?:and\s+)?no\s+(?:tasks?|crew|days)\b|\bwithout\s+(?:any\s+)?(?:tasks?|readings?|data),?\s+(?:and\s+)?without\b",
    re.IGNORECASE,
)
_EITHER: Final = re.compile(
    r"\bmaximi[sz]\w*\s+(?:the\s+|our\s+)?(?P<x>\w+)\s+and\s+(?:also\s+)?minimi[sz]\w*\s+(?:the\s+|our\s+)?(?:(?P=x)|it)\b|\bminimi[sz]\w*\s+(?:the\s+|our\s+)?(?P<y>\w+)\s+and\s+(?:also\s+)?maximi[sz]\w*\s+(?:the\s+|our\s+)?(?:(?P=y)|it)\b|"
    r"\bspend\w*\s+(?:the\s+|it\s+)?(?:whole|entire|all)\b[^.;?]{0,40}\bkeep\w*\s+(?:the\s+|it\s+)?(?:whole|entire|all)\b|"
    r"\b(?:starts?|begins?|starting|beginning|commenc\w+)\s+(?:only\s+)?after\s+(?:it|they)\s+(?:ends?|finish\w*|is\s+over|has\s+ended)\b|\b(?:ends?|finish\w*)\s+before\s+(?:it|they)\s+(?:starts?|begins?)\b|"
    r"\bafter\b[^.;?]{0,40}\b(?:scrapped|removed|demolished|dismantled|decommissioned|torn\s+out)\b[^.;?]{0,20}\bbefore\b[^.;?]{0,30}\b(?:delivered|built|installed|ordered|exists?)\b|"
    r"\b(?:all|every|each)\s+(?:one\s+)?(?:of\s+)?(?:our\s+|my\s+|the\s+)?(?:\w+\s+)?(?:building|site|store|hotel|school|office|meter)s?\b[^.;?]{0,30}\b(?:above|better\s+than|beat\w*|below|under)\s+(?:the\s+|our\s+|their\s+)?(?:own\s+)?(?:portfolio\s+|portfolio's\s+)?(?:average|mean|median)\b(?![^.;?]*\?)(?!\s+of\s+(?:the\s+)?(?:peers|cbecs|country|state))|"
    r"\b(?:zero|no|lowest|save|halve|cut|reduce)\b[^;?]{0,80}\b(?:without\s+changing\s+anything|(?:don'?t|do\s+not|must\s+not|may\s+not)\s+(?:change|touch)\s+anything|nothing\s+(?:may|must|can|shall)\s+(?:be\s+)?change\w*|leave\s+everything\s+(?:exactly\s+)?as\s+it\s+is)\b|"
    r"\b(?:get|claim|give|apply|use|take|bring)\b[^.;?]{0,30}\b(?:rebate|incentive|grant|subsidy|credit|program\w*)\b[^.;?]{0,30}\b(?:even\s+though|although|though|that|which)\b[^.;?]{0,24}\b(?:closed|expired|ended|ran\s+out|is\s+over|no\s+longer)\b|"
    r"\b(?:npv|net\s+present\s+value)\b[^.;?]{0,24}\b(?:above|larger\s+than|higher\s+than|greater\s+than|more\s+than)\s+the\s+(?:undiscounted\s+)?sum\b|"
    r"\b(?:make|let)\b[^.;?]{0,40}\b(?:demand\s+charge|bill|cost|peak)s?\b[^.;?]{0,24}\b(?:go\s+away|disappear|vanish)\b[^.;?]{0,24}\b(?:retroactive\w*|last\s+\w+|in\s+hindsight)\b|"
    r"\b(?:which|that)\s+(?:is|are)\s+(?:not|no)\s+(?:a\s+)?(?:customers?|clients?)\s+of\s+ours\b|\b(?:no\s+roof\s+and\s+no\s+land|neither\s+(?:a\s+)?roof\s+nor\s+land)\b|"
    r"\bfee\s+(?:that\s+is\s+)?(?:higher|larger|bigger|more|above)\s+(?:than\s+)?(?:the\s+|its\s+|their\s+|all\s+)*savings\b[^.;?]{0,40}\bsaves?\b|\bmore\s+than\s+all\s+of\s+the\s+savings\b|\bpay\w*\s+back\s+instantly\b|\b(?:\d{1,2}|hundred)\s?(?:%|percent)\s+for\s+us\s+and\s+(?:100\s?(?:%|percent)|all)\s+(?:of\s+)?(?:the\s+)?savings\b|\bfor\s+us\s+and\s+(?:100\s?(?:%|percent)|all)\s+of\s+the\s+savings\s+for\s+the\s+customer\b",
    re.IGNORECASE,
)
_VOID: Final = re.compile(
    r"\b(?P<v>open|creat|rais|send|notif|schedul|book|writ|record|generat|produc|mak|stor|propos|issu|mail|fil)\w*\b[^.;?]{0,60}\b(?:but|and|yet|while)\b[^.;?]{0,16}"
    r"\b(?:it|they|that|the\s+\w+|none|no\s+\w+)\s+(?:must|may|should|shall|can)\s*(?:not|never)?\s*be\s+(?:created|opened|sent|raised|made|produced|written|generated|proposed|issued|(?P=v)\w*)\b(?!\s+(?:to|by|before|until|unless|without|again|twice|with|if|for|automatically)\b)",
    re.IGNORECASE,
)
"""An order whose result must not come to be; only where it is denied."""
_LOCATED: Final = re.compile(
    r"\b(?:in|from|at)\s+(?P<a>[A-Z][\w. ]{2,20}?)\s+(?:that|which)\s+(?:are|is|lie|lies)\s+(?:located\s+|situated\s+)?(?:in|at)\s+(?P<b>[A-Z][\w. ]{2,20})"
)
_YET_ELSEWHERE: Final = re.compile(
    r"\b[Ii]n\s+(?P<a>[A-Z]\w+(?:\s[A-Z]\w+)?)\s+(?:but|and|yet)\s+(?:also\s+)?(?:lie|lies|are|is|stand|sit)\s+(?:located\s+)?in\s+(?P<b>[A-Z]\w+(?:\s[A-Z]\w+)?)\b"
)
_BOTH_PLACES: Final = re.compile(
    r"\b(?:that\s+are|which\s+are|lying)\s+(?:both\s+)?in\s+(?P<a>[A-Z]\w+(?:\s[A-Z]\w+)?)\s+and\s+(?:also\s+)?in\s+(?P<b>[A-Z]\w+(?:\s[A-Z]\w+)?)\b"
)
_WAYS: Final = (
    (r"dearer|more\s+expensive|costlier", r"cheaper|less\s+expensive"),
    (r"longer|slower", r"shorter|faster"),
    (r"later", r"earlier|sooner"),
    (r"larger|bigger", r"smaller"),
)
_BOTH_WAYS: Final = tuple(
    re.compile(
        rf"\b(?:one|the\s+same|a\s+single|this|change\s+order\s+\S+|CO-\d\S*)\b[^.;?]{{0,60}}?\b(?:{a})\b[^.;?]{{0,40}}?"
        rf"\b(?:in\s+(?:the\s+same|one)\s+\w+|at\s+the\s+same\s+time|simultaneously|at\s+once)\b[^.;?]{{0,40}}?\b(?:{b})\b",
        re.IGNORECASE,
    )
    for one, other in _WAYS
    for a, b in ((one, other), (other, one))
)
"""One change that goes both ways."""
_NARROW: Final = re.compile(
    r"\b(?:for|last\w*)\s+(?P<n>\d+|two|three|four|five|six|eight)\s+hours\s+from\s+(?P<a>\d{1,2})\s*(?:am|pm)?\s+(?:to|until)\s+(?P<b>\d{1,2})\s*(?:am|pm)\b",
    re.IGNORECASE,
)
_PAIRS: Final = tuple(
    re.compile(
        rf"\b(?:{a})\s+(?:and|yet|but)\s+(?:also\s+|at\s+(?:the\s+same\s+time|this\s+(?:very\s+)?moment|once)\s+|still\s+|right\s+now\s+|currently\s+|nevertheless\s+|the\s+|{b}\s+)?{b}\b"
        rf"|\b{a}\b[^.;?]{{0,50}}\b{_AT_ONCE}\b[^.;?]{{0,20}}\b{b}\b"
        if a in ("approve", "offline", r"clos(?:e|ed)")
        else rf"\b{a}\b[^.;?]{{0,50}}\b{b}\b[^.;?]{{0,40}}\b{_AT_ONCE}|\b{a}\b[^.;?]{{0,30}}\b{_AT_ONCE}\b[^.;?]{{0,20}}\b{b}\b",
        re.IGNORECASE,
    )
    for a, b in _OPPOSITES
)


def self_contradiction(text: str) -> str | None:
    """Why the text cannot be fulfilled whatever the data: it asks for a thing and for its opposite.

    >>> self_contradiction("approve and reject change order CO-4") is not None
    True
    >>> self_contradiction("approve CO-4 and reject CO-5")
    """
    if _SELF.search(text) or _EITHER.search(text) or any(pattern.search(text) for pattern in (*_BOTH_WAYS, *_PAIRS)):
        return "That asks for a thing and its opposite at once. Say which of the two is meant."
    if (void := _VOID.search(text)) and re.search(r"\b(?:not|never|none|no)\b", void[0], re.IGNORECASE):
        return "What is ordered must not come to be: say what shall be done."
    for pattern in (_LOCATED, _YET_ELSEWHERE, _BOTH_PLACES):
        if (match := pattern.search(text)) and _apart(match["a"], match["b"]):
            return f"Nothing lies in {match['a'].strip()} and in {match['b'].strip()} at once."
    if (match := _NARROW.search(text)) and count(match["n"]) > (int(match["b"]) - int(match["a"])) % 12:
        return f"There are no {match['n']} hours between those times."
    return None


def _apart(first: str, second: str) -> bool:
    """Whether both are places that we know, and different ones of the same kind."""
    for kind in ("city", "state"):
        a, b = ({each.value for each in find_words(place, kind)} for place in (first, second))
        if a and b and not a & b:
            return True
    return False
