"""Turns of phrase that say order, conditions and corrections in another way, put into the words that clauses are split by.

"Start with A, end with B" becomes "A, then B"; "does it expire within 60 days? Then ..." becomes "... If so, ...".
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.corrections import taken_back
from redaptive.orchestration.intelligent.planners.clauses.ranks import in_turn
from redaptive.orchestration.intelligent.planners.clauses.spoken import spoken
from redaptive.orchestration.intelligent.planners.clauses.tellings import untold
from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns
from redaptive.orchestration.intelligent.planners.clauses.variants import varied
from redaptive.orchestration.intelligent.planners.clauses.verbs import (
    ASKING,
    FORMS,
    GERUND,
    PARTICIPLE,
    VERB,
    imperative,
)
from redaptive.orchestration.intelligent.planners.clauses.wishes import BEGINS, asked_for, wished
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.literals import glued

_I: Final = re.IGNORECASE
_MORE_OR_LESS: Final = r"(?:above|below|over|under|beyond|within|up\s+to|(?:more|less|fewer|higher|lower|longer|shorter|greater|larger|smaller|bigger|better|worse|faster|slower|later|earlier)\s+than|at\s+least|at\s+most|no\s+(?:more|less)\s+than|(?<![-=])[<>]=?)"
_NO_BREAK: Final = r"(?:[^,;:.?!]|(?<=\d)[,.](?=\d))"
_WISH: Final = rf"(?:please\s+|then\s+|just\s+)*(?:{VERB}|do\s+nothing\b|(?:i|we|you)\s|an?\s+(?:\w+\s+)?(?:ticket|e-?mail|mail|text|alert|message|work\s+order)\b|(?:ticket|e-?mail|alert|message)\s+(?:for|to)\b)"
_MESSAGE: Final = r"(?:sms|text|e-?mail|mail|message|ticket|alert|webhook)\b"
_STATE: Final = r"(?:expired|valid|lapsed|overdue|late|on\s+time|silent|dead|alive|online|offline|positive|negative|zero|overcharged|wrong|correct|critical|clean|faulty|healthy|broken)"
_COUNT: Final = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|a\s+dozen)"
_DECIDE: Final = "touch(?:es)?|act|react|do(?:es)?\\s+anything|sign|buy|decide|commit|invest|pay|renew|spend|choose|bid|meet|talk|negotiate"
_PEOPLE_DO: Final = rf"(?:(?:we|i|they|anyone|anybody|the\s+\w+)\s+(?:{_DECIDE})s?\b|(?:signing|buying|deciding|committing|investing|paying|renewing|spending|choosing|bidding|meeting|talking|negotiating)\b)"
"""What people do themselves: no step of a plan."""
_ON_FROM: Final = r"(?P<n>[$]?\d[\d,.]*\s*(?:%|percent|[a-z]+)?)\s*(?:and|or)\s+(?P<way>up|more|above|over|higher|better|greater|upwards|down|less|below|under|lower|fewer|worse)"
"""A figure and the way from it: "50 kW and up"."""
_UP: Final = frozenset({"up", "more", "above", "over", "higher", "better", "greater", "upwards"})


def _until(match: re.Match[str]) -> str:
    """ "I don't want A drafted until C" as "do not draft A until C"."""
    return f"{match['begin']}do not {FORMS[match['verb'].lower()]} {match['a']}{match['more']} until {match['c']}"


def _from_on(match: re.Match[str]) -> str:
    """ "3.5 and up: ..." as "if it is at least 3.5, ..."."""
    way = "at least" if match["way"].lower() in _UP else "at most"
    return f"{match['begin']}if it is {way} {match['n'].strip()}, "


_ORDERS_BEFORE: Final = re.compile(rf"(?:,|\band\b|\bthen\b)\s+{VERB}", _I)


def _likewise(match: re.Match[str]) -> str:
    """ "Do A with X and do B; do the same with Y" as "Do A with X and do B; in parallel, do A with Y and do B"."""
    said, other = match["done"], find_codes(match["other"])
    named = find_codes(said)
    codes = [code for code in named if other and code.kind == other[0].kind] or named
    if not other or not codes or not _ORDERS_BEFORE.search(said) or len({code.code for code in codes}) > 1:
        return match.group(0)
    start = other[0].start
    bare = (
        match["other"][start:]
        if re.search(rf"\b{re.escape(match['other'][:start])}$", said[: codes[0].start])
        else match["other"]
    )
    again = f"{said[: codes[0].start]}{bare}{said[codes[0].end :]}"
    return f"{match['begin']}{said}; in parallel, {again[:1].lower()}{again[1:]}"


def _is_kind(match: re.Match[str]) -> str:
    """ "DOC-1 is a certificate, give me its facts" as "give me the facts of the certificate DOC-1"."""
    thing = f"the {match['kind']} {match['code']}"
    said = re.sub(r"\bits\s+(?P<what>[a-z]+)", rf"the \g<what> of {thing}", match["a"], count=1, flags=_I)
    return f"{match['begin']}{said if said != match['a'] else re.sub(r'(?i:[^a-z])it(?![a-z])', f' {thing}', match['a'], count=1)}"


def _headed(match: re.Match[str]) -> str:
    """ "Two checks on customer TRV: ..." as "for customer TRV, ..."."""
    codes = find_codes(match["head"])
    return (
        f"{match['begin']}for {codes[0].kind.replace('_', ' ')} {codes[0].code}, "
        if len(codes) == 1
        else match["begin"]
    )


_TURNS: Final = turns(
    (
        # "With the cheapest one, compute its bill": what a deed is done with stands behind it
        (rf"{BEGINS}(?P<w>with|on|under|using)\s+(?P<one>the\s+(?:cheapest|best|lowest|worst|dearest|winning|most\s+\w+)(?:\s+(?:one|option|tariff|rate|of\s+(?:them|those|these)))?),\s+(?P<deed>(?:please\s+)?{VERB}\s[^.;!?]+)(?=[.;!?]|$)", r"\g<begin>\g<deed> \g<w> \g<one>"),
        (r"\bthen,?\s+and\s+only\s+then\b,?", "then"),
        (rf"(?P<begin>^|(?<=[.!?;:]\s))(?P<c>(?:still\s+|not\s+|already\s+|no\s+longer\s+)?{_STATE})\s*(?:->|→|=>|:|\s[-–—])\s+(?={_WISH})", r"\g<begin>if it is \g<c>, "),
        (rf"(?P<begin>^|(?<=[.!?;]\s))(?:(?P<yes>yes)|no)\s*(?:[:,?]|->|→|=>|\s[-–—])\s+(?:then\s+)?(?={_WISH})", lambda m: f"{m['begin']}{'if so' if m['yes'] else 'if not'}, "),
        (rf"{BEGINS}(?P<c>{_MORE_OR_LESS}\s+{_COUNT}\s+[a-z]+)\s*(?:[:?]|->|→|=>|\s[-–—])\s+(?={_WISH})", r"\g<begin>if there are \g<c>, "),
        (rf"{BEGINS}(?P<c>(?!{VERB}|{ASKING}|if\b)(?:[\w'-]+\s+){{0,4}}?(?!within|up\s){_MORE_OR_LESS}\s+[$]?\d(?:[\d,]|\.(?=\d))*(?:\s?%|\s+[\w/%-]+){{0,4}}?)\s*(?:\?|:(?=\s+(?:{_WISH}|{_MESSAGE})))\s+(?=\S)", r"\g<begin>if \g<c>, "),
        (r"(?P<ask>\b(?:look|see|check|find\s+out|tell\s+me)\s+(?:whether|if)\s[^.;?!]+?)[;.,]\s+(?:and\s+)?only\s+then,?\s+", r"\g<ask>. If so, "),
        (rf",?\s+(?:and|but)\s+(?:in\s+(?:any|either|both|every)\s+cases?|either\s+way|anyway|regardless|no\s+matter\s+what)\s*,?\s+(?={VERB}\s)", ". "),
        (rf"(?P<verb>{VERB})\s+(?:both|all)(?:\s+of)?(?:\s+(?:them|these|those|the))?(?:\s+(?:two|three|four))?(?P<noun>\s+[a-z]+s)?\s*:\s+(?=[^.;?!]*\d)", r"\g<verb>\g<noun> "),
        (rf"(?P<verb>{VERB})\s+(?:the\s+following|these)(?:\s+(?:two|three|four))?(?:\s+(?:things|items|documents|files|meters|buildings|papers))?\s*:\s+", r"\g<verb> "),
        (rf"{BEGINS}(?P<at>(?:among|for|at|on|in|of|from)\s+(?:the\s+)?(?:[a-z]+\s+){{0,2}}?(?-i:[A-Z]{{1,5}}-[\w-]*\d)(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?-i:[A-Z]{{1,5}}-[\w-]*\d))*)\s+(?={VERB}\s)", r"\g<at>, "),
        (r"(?<=[\w)])\s+then,\s+(?=and\s+(?!only\b|then\b))", ", "),
        (rf"\bgo\s+(?:on|ahead)\s+and\s+(?={VERB}\s)", ""),
        (r"(?P<begin>^|(?<=[.!?;,]\s))(?:and\s+|but\s+)?(?:regardless\s+of|irrespective\s+of|no\s+matter|whatever)\s+(?:the\s+(?:result|outcome|answer|finding)s?|that\s+(?:says|is|gives|finds)|you\s+find|comes\s+out|what)\b,?\s*", r"\g<begin>"),
        (r"(?P<begin>^|(?<=[.!?;]\s)|,\s+)(?:and\s+)?were\s+(?P<what>it|that|they)\s+(?P<c>[^.;?!]{3,60}?),\s+", r"\g<begin>if \g<what> is \g<c>, "),
        (r"\b(?:have|take|cast)\s+(?:a|another|one)\s+(?:\w+\s+)?(?:look|glance|peek)\s+(?:at|into|on)\b", "look at"),
        (rf"{BEGINS}(?:and\s+|but\s+)?(?:at|from|with)\s+{_ON_FROM}\s*,?\s+(?={_WISH})", _from_on),
        (r"(?P<begin>^|[.!?;]\s+|,\s+)(?:and\s+|but\s+)?only\s+(?:after\s+(?:that|this)|then|afterwards)\s+(?:does|do|is|are|should|may|shall|can|must|will)\s+(?P<who>\S+(?:\s+\S+){0,3}?)\s+(?:get|receive)s?\s+(?:his|her|their|its|the|an?)\s+(?P<what>e-?mail|mail|text|message|sms)\b", r"\g<begin>then send \g<who> an \g<what>"),
        (r"(?P<begin>^|[.!?;]\s+)(?:and\s+)?only\s+(?:after\s+(?:that|this)|then|afterwards)\s+(?:does|do|is|are|should|may|shall|can|must|will)\s+", r"\g<begin>then "),
        (r"(?P<begin>^|[.!?;]\s+)(?:and\s+)?in\s+(?:the\s+)?(?:one|first)(?:\s+(?:thread|lane|track|branch|strand))?,\s+", r"\g<begin>"),
        (r"(?P<begin>^|[.!?;]\s+)(?:and\s+)?in\s+the\s+(?:other|second|third)(?:\s+(?:one|thread|lane|track|branch|strand))?,\s+", r"\g<begin>in parallel, "),
        (r"(?P<begin>^|(?<=[.!?]\s))(?:two|three|four|five|2|3|4|5)\s+(?:\w+\s+){0,2}(?:threads|lanes|tracks|strands|jobs|tasks|things|requests|errands|steps)(?:\s+(?:for\s+)?(?:today|now|in\s+parallel|this\s+\w+|you|tomorrow))?,?(?:\s+please)?[.!]\s+", r"\g<begin>"),
        (rf"(?P<begin>^|(?<=[.!?;]\s))(?:only\s+)?next\s+(?={VERB}\s)", r"\g<begin>then "),
        (rf"{BEGINS}(?:please\s+)?(?:start|begin|kick\s+off|open)\s+(?:off\s+)?(?:with|by)\s+", ""),
        (r"[,;.]?\s+(?:and\s+)?(?:then\s+)?(?:continue|carry\s+on|proceed|go\s+on|move\s+on|follow\s+(?:that|it|this)(?:\s+up)?|follow\s+up)\s+(?:with|by|to)\s+", ", then "),
        (r"[,;.]?\s+(?:and\s+)?(?:then\s+)?(?:end|finish|close|conclude|wrap\s+up|(?:round|finish|top)\s+(?:(?:it|that|this|things|everything|it\s+all)\s+)?off)(?:\s+(?:it|that|things|off|up))?\s+(?:with|by)\s+(?=an?\s|the\s|[a-z]+ing\b)", ", then "),
        (r"(?:^|(?<=[.!?;,]\s))(?:and\s+)?(?:(?:as\s+a\s+|in\s+a\s+|the\s+)?(?:second|third|fourth|fifth|next|last|final)(?:ly)?(?:\s+step)?|step\s+(?:[2-9]|two|three|four|five))\s*[:,]\s+", "then "),
        (r"(?:^|(?<=[.!?;,]\s))\(?[2-9][.)]\s+(?=[A-Za-z])", "then "),
        (r"(?P<act>(?:raise|open|create|log|file)\s+an?\s+(?:alert|alarm|ticket)[^,;.]*?)\s+(?:for|about|on|over)\s+(?:whatever|any|all|every|each|the)\s+(?P<what>anomal\w+|faults?)\s+(?:that\s+)?(?:(?:you\s+find|(?:show|turn)s?\s+up|found|(?:is|are)\s+found|there\s+(?:is|are))\s+)?(?P<where>(?:on|at|in)\s+(?:(?:meter|building|equipment)\s+)?\S*\d[\w-]*)", r"find the \g<what> \g<where>, then \g<act>"),
        (rf"{BEGINS}(?:please\s+)?(?:do\s+not|don't|dont|never|no\s+need\s+to)\s+(?P<a>{VERB}[^.;?!]*?)\s+unless\s+(?P<c>[^.;?!]+)(?=[.!]?$|[.;]\s+(?!(?:and\s+)?(?:in\s+that|if\s+so)))", r"\g<begin>\g<a> if \g<c>"),
        (rf"{BEGINS}(?:before|prior\s+to)\s+{_PEOPLE_DO}(?![^,.;?!]*\d)[^,.;?!]*,\s+", r"\g<begin>"),
        (rf",?\s+(?:before|prior\s+to)\s+{_PEOPLE_DO}[^,.;?!]*(?=[.;!?]|$)", ""),
        (rf",?\s+(?:but|though)\s+(?P<a>(?:please\s+)?(?!(?:ask|check\s+with|confirm|consult|wait|get|let)\b){VERB}[^,.;?!]*?)\s+first(?=[.,;:!?]|$)", r", but first \g<a>"),
        (rf"{BEGINS}(?:please\s+)?(?:(?:i|we)\s+(?:(?:really\s+)?(?:do\s+not|don't|dont|never)\s+want|would\s+not\s+like|wouldn't\s+like)\s+)(?P<a>(?:(?!\b(?:to|until|till|before)\b)[^,.;?!(]|\([^)]*\))+?)\s+(?P<verb>{PARTICIPLE})(?P<more>(?:\s+(?!(?:until|till|before)\b)[^.;?!\s]+)*)\s+(?:until|till|before)\s+(?P<c>[^.;?!]+)", _until),
        (rf"(?P<ask>(?:^|(?<=[.!?]\s))(?:{ASKING})\s[^.?!;]+\?)\s+only\s+(?:then|in\s+that\s+case|if\s+so|if\s+(?:yes|it\s+does|they\s+do|it\s+is))\b,?\s*", r"\g<ask> If so, "),
        (r"(?P<begin>^|(?<=[.!?;,:]\s))only\s+then\b,?\s*(?:should\s+you\s+|do\s+|please\s+)?", r"\g<begin>then "),
        (rf"{BEGINS}(?:and\s+)?{_ON_FROM}\s*(?:[,:?]|\s[-–—]|\bmeans\b)\s+(?={_WISH})", _from_on),
        (rf"(?P<ask>\b(?:ask|check\s+with)\s+(?:me|us)\b(?:\s+(?:first|before(?:hand)?))?)\s*[,;.]?\s+(?:and\s+)?(?:only\s+)?(?:if|when|once)\s+(?:i|we)\s+(?:say|said|agree|approve|confirm|nod|give|am|are|think|have)\b(?:\s+(?:so|yes|ok(?:ay)?|go(?:\s+ahead)?|it|that|to\s+it|fine|happy|with|my|our|the|agreed|approved|confirmed|it\s+is|it's))*\s*,?\s*(?:then\s+)?(?P<a>{VERB}[^.;?!]*)", r"\g<a>, but ask me first"),
        (rf"{BEGINS}(?P<head>(?:for\s+[^,:;.?!]{{3,40}}?\s+)?(?:(?:(?:i|we)\s+(?:need|want|would\s+like)|give\s+me|get\s+me|here\s+are)\s+)?(?:two|three|four|five|2|3|4|5)\s+(?:\w+\s+){{0,2}}(?P<noun>things|reads|checks|numbers|figures|jobs|tasks|questions|items|answers|look-?ups|requests|points)\b[^:.;?!]*):\s+", _headed),
        (r"\b(?:put|run|take|send)\s+(?P<what>(?:the|its|that|our|this)\s+[^,.;:?!]{2,60}?)\s+through\s+(?P<goal>an?\s+(?:\w+\s+){0,2}(?:comparison|audit|analysis|check|forecast|simulation|validation|benchmark)\b)", r"run \g<goal> for \g<what>"),
        (r",\s*assuming\s+(?:that\s+)?[^,:.;?!]{3,60}:\s*(?=\$?\d[^.;?!]*[.!?]?$)", ", "),
        (r"(?P<end>[.!?;])\s+(?:please\s+)?(?:write|store|save|change)\s+nothing(?=[.!]*$)", ", without writing anything"),
        (r",?\s+without\s+(?:changing|touching)\s+anything(?=\s+(?:if|whether|what|which|how)\b)", ""),
        (rf",\s*(?:but\s+)?(?:do\s+not|don't|dont)\s+(?:{VERB})(?:\s+(?:it|them|yet))?,(?=\s+(?:an?|the|one)\s)", ""),
        (r"(?<=[.!?]\s)you(?:'ll|\s+will)?\s+(?:first\s+)?(?:have|need)\s+to\s+[^.?!]*?\s+before\s+you\s+can\s+[^.?!]*[.!]?", ""),
        (r"\b(?:treat|handle|regard|take|process|consider)\s+(?:it|that|this)\s+as\s+(?:an?|the)\s+(?P<kind>[\w\s-]{3,40}?)\s+and\s+(?P<verb>extract|read|parse|pull)\s+(?:it|that|this|the\s+data)(?=[.,;!?]|$)", r"\g<verb> the \g<kind> from it"),
        (r"\b(?P<verb>take|use|put|enter|count)\s+(?:in\s+)?(?P<what>(?:its|the|that|their)\s+[^,.;:?!]{3,60}?)\s+as\s+(?:the\s+|its\s+|your\s+)?(?:yearly\s+|annual\s+)?(?:savings?|costs?|capex|investment|amount)\s+(?:of|in|for)\s+(?P<goal>an?\s+(?:[\w-]+\s+){0,3}(?:simulation|cash[\s-]?flow|contract|analysis|calculation)\b)(?P<more>[^.;:?!]*)", lambda m: f"run {m['goal']}{m['more']} with {glued(m['what'])}"),
        (r"(?P<ask>\b(?:what|which|how)\b[^.?!;]*?)\s+(?P<when>(?:once|as\s+soon\s+as|when|after)\s+(?:the|our|all|these|those)\s+[^,.?!;]{2,40}?\s+(?:is|are|has\s+been|have\s+been)\s+(?:installed|fitted|mounted|built|in\s+place|put\s+in)\b)", lambda m: f"{m['ask']} {glued(m['when'])}"),
        (r"^(?P<a>[^.?!]+?)\s+first,\s+(?:and\s+|then\s+)?(?P<b>[^.?!]+?)\s+(?:second|last|next|afterwards)(?P<end>[.!]?)$", r"\g<a>, then \g<b>\g<end>"),
        (rf"{BEGINS}only\s+(?:where|if|when|in\s+case)\s+(?P<a>{_NO_BREAK}+?)\s+(?:do|would|will)\s+(?:i|we)\s+(?:want|need|like|care\s+(?:for|about)|wish\s+for)\s+(?:to\s+(?:see|have|get|know)\s+)?(?!an?\s+(?:\w+\s+)?(?:ticket|alert|e-?mail|mail|text|message|sms|note|work\s+order)\b)", r"\g<begin>if \g<a>, get "),
        (rf"{BEGINS}(?P<told>(?:i|we)\s+(?!(?:want|need|would|like|ask|must|have\s+to|should|wish|also|only)\b){_NO_BREAK}{{3,80}}?):\s+(?=(?:the|their|its|his|her|our|an?|both|what|how|which|whether)\s)", r"\g<begin>\g<told>. "),
        (rf"{BEGINS}only\s+(?P<word>after|once|when|if)\s+(?P<a>[^,;.?!]+?)\s+(?:should|may|can|must|shall|do|will)\s+you\s+", r"\g<word> \g<a>, "),
        (rf"(?P<before>^|[,;]\s*|\s)(?:(?:you\s+)?(?:should|may)\s+)?ask\s+(?:me|us)\s+(?:whether|if)\s+(?:to|(?:you|we|i)\s+(?:should|may|can|want\s+to))\s+(?P<a>{VERB}[^.;?!]*)", r"\g<before>\g<a>, but ask me first"),
        (rf",?\s+(?:but|and)\s+(?P<a>(?:please\s+)?(?!(?:ask|check\s+with|confirm|consult|wait|get|let)\b){VERB}[^,.;?!]*?)\s+(?:beforehand|before\s+(?:that|this|(?:you|we)\s+do(?:\s+(?:that|so|it|this))?|doing\s+(?:that|so|it))|ahead\s+of\s+that)(?=[.,;!?]|$)", r", but first \g<a>"),
        (rf"(?P<ask>(?:^|(?<=[.!?;]\s))(?:is|are|does|do|did|has|have|was|were|will)\s+(?!(?:you|i|we)\b)[^.?!;]+\?)\s+then,?\s+(?={_WISH})", r"\g<ask> If so, "),
        (rf"(?P<begin>^|(?<=[.!?;:,]\s))(?:and\s+|but\s+)?(?:(?:(?:at\s+or\s+|equal\s+to\s+or\s+)?(?:above|below|over|under|beneath|beyond)\s+(?:that|this|it)|(?:that|this)\s+or\s+(?:less|more|below|above|lower|higher|better|worse|fewer))\b[,:]?|(?:longer|shorter|more|less|higher|lower|worse|better|fewer|above|below|otherwise)\s*(?::|->|→|=>|\s[-–—]))\s+(?=(?:simply\s+|just\s+)?{_WISH})", r"\g<begin>otherwise, "),
        (rf"{BEGINS}(?:any|every|an?)\s+(?![^.;?!]*?\bover\s+[\w.]+\s+(?:years?|months?|weeks?|days?|hours?)\b)(?P<c>{_NO_BREAK}{{3,60}}?\s{_MORE_OR_LESS}\s+{_NO_BREAK}{{1,30}}?)\s+(?:should|must|has\s+to|needs\s+to|is\s+to)\s+be\s+(?P<a>{PARTICIPLE})\b", lambda m: f"{m['begin']}if there is any {m['c']}, {FORMS[m['a'].lower()]} it"),
        (r"\b(?P<verb>take|feed|put|plug|carry|use|pass)\s+(?P<what>(?:its|the|that|their|those|both)\s+[^,.;:?!]{3,80}?)\s+(?:in|into|to|through|for)\s+(?P<goal>an?\s+(?:\w+\s+){0,2}(?:simulation|cash[\s-]?flow|analysis|calculation|contract|run|model|study|assessment|inventory|comparison)\b)(?P<more>[^.;:?!]*)", lambda m: f"run {m['goal']}{m['more']} with {glued(m['what'])}"),
        (rf"{BEGINS}(?:and\s+|but\s+)?(?:anything|everything|whatever\s+is)\s+(?:less|more|else|lower|higher|below|above|under|over|shorter|longer|worse|better|other)(?:\s+than\s+(?:that|this|it))?\s*(?:[:,]|->|→|=>|\bmeans\b|\s[-–—])\s*(?={_WISH})", r"\g<begin>otherwise, "),
        (rf"{BEGINS}(?:and\s+|but\s+)?(?P<c>(?!{_MORE_OR_LESS}|(?:if|for|with|when|unless|should|once|where|after|before|in\s+case|{VERB})\b)(?=[^.;:?!]*(?:\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve)\b)){_NO_BREAK}{{0,80}}?(?:{_MORE_OR_LESS}\s|\bor\s+(?:more|less|above|below|over|under|higher|lower|better|worse|fewer|longer|shorter)\b){_NO_BREAK}{{0,40}}?)\s*(?::|->|→|=>)\s*(?={_WISH})", r"\g<begin>if \g<c>, "),
        (rf"{BEGINS}(?:anything\s+)?(?P<c>{_MORE_OR_LESS}\s+(?:an?\s+)?[$]?\d(?:[^,:;?!]|(?<=\d),(?=\d{{3}}))*?)\s*(?:[,:?]|\band\b|\bmeans\b|->|→|=>)\s+(?={_WISH})", r"\g<begin>if it is \g<c>, "),
        (rf"{BEGINS}(?P<c>{_MORE_OR_LESS}\s+[$]?\d{_NO_BREAK}{{0,40}}?)\s+(?=(?:i|we)(?:'d|\s+would)?\s+(?:want|need|like)\s)", r"\g<begin>if it is \g<c>, "),
        (rf"{BEGINS}(?:and\s+)?(?P<c>[^;:.?!]{{3,60}}?)\s+means?\s+(?P<verb>{GERUND})(?=\s)", lambda m: f"{m['begin']}if {m['c']}, {imperative(m['verb'] + ' ').strip()}"),
        (rf"(?P<begin>^|(?<=[.!?;,]\s))(?:and\s+)?(?P<c>(?!(?:what|which|it|that|this|by|so|explain|if)\b)[^,;:.?!]{{3,60}}?)\s+means?\s+(?:that\s+)?(?:you\s+(?:should|must|can)\s+)?(?={VERB}|(?:i|we)\s+(?:want|need)\b)", r"\g<begin>if \g<c>, "),
        (rf"(?P<begin>^|[,;.]\s+)(?:and\s+)?(?P<c>(?:none|nothing|some(?:thing)?|any(?:thing)?|no\s+\w+)(?:\s+\w+){{0,2}}):\s+(?={_WISH})", r"\g<begin>if \g<c>, "),
        (rf"(?P<begin>^|[?.;,:–-]\s+)(?P<c>(?!if\b)(?:[a-z][\w-]*\s+){{1,4}}{_MORE_OR_LESS}\s+(?:[^-→?.;,]|(?<=\d)[.,](?=\d))*?)\s*(?:->|→|=>)\s*", r"\g<begin>if \g<c>, "),
        (rf"(?P<begin>^|(?<=[.!?;]\s))(?:and\s+|but\s+)?(?P<c>(?!(?:{ASKING}|{VERB}|if|and|or|maybe)\b){_NO_BREAK}{{0,60}}?{_MORE_OR_LESS}\s+[$]?\d{_NO_BREAK}{{0,40}}?)\?\s+(?:then,?\s+)?(?={_WISH})", r"\g<begin>if \g<c>, "),
        (rf"{BEGINS}(?P<c>{_MORE_OR_LESS}\s+[$]?\d[\d.,]*(?:\s?(?:%|percent|kwh?|mwh?|usd|dollars|years?|days?|hours?|points?))?)\s+(?={VERB}\s+\S)", r"\g<begin>if it is \g<c>, "),
        (r"(?P<begin>^|(?<=[.!?;]\s))(?:and\s+|then\s+)?(?:it\s+)?depend(?:ing|s)\s+(?:up)?on\s+(?P<x>the\s+[^:;?!]{5,80}?)\s*(?::|\s[-–—])\s+", r"\g<begin>get \g<x>. "),
        (rf"\b(?:for|with)\s+(?:whichever|the\s+one\s+that|whatever)(?:\s+(?:one|of\s+(?:them|those|the\s+\w+)|building|meter|site))?\s+(?:comes\s+out|is|does|scores|turns\s+out|performs|looks|fares|ranks|ends\s+up|proves)\s+(?:as\s+|to\s+be\s+)?(?:the\s+)?(?P<rank>worst|best|top|last|poorest|weakest|costliest),?\s+(?P<a>{VERB}[^,.;?!]*)", lambda m: f"{m['a']} for the {'worst' if m['rank'].lower() == 'last' else m['rank']} one"),
        (r"\b(?P<noun>bill|invoice|certificate|report|document|file|meter|building|project|ticket|alert|unit|chiller|handler),\s+(?=(?-i:[A-Z]{2,5})-[\w-]*\d)", r"\g<noun> "),
        (r",?\s+\b(?:obviously|of\s+course|naturally|ideally|preferably|definitely|certainly|clearly|needless\s+to\s+say)\b,?(?=\s)", ","),
        (r"\bboth\s+(?=(?:the|its|their|our|an?)\s+[^,;.?!]{2,60}\s+and\s)", ""),
        (r",?\s+(?:yet|though|however)(?=\s+(?:please\s+)?(?:ask|wait|hold|get|check\s+with|confirm)\b)", ", but"),
        (r",\s*(?:please|pls|thanks|thank\s+you)(?=[,.;!?]|\s+[-–—]|$)|\s+(?:please|pls)(?=[.!?]*$)", ""),
        (r",?\s+which\s+(?:you|we)\s+(?:have\s+to|must|need\s+to|should)\s+(?:\w+\s+){1,2}first(?=[.,;!?]|$)", ""),
        (r"(?P<begin>^|(?<=[.!?]\s))(?P<done>[^.!?]{8,160}?)\s*[,;.]?\s+(?:and\s+)?(?:(?:meanwhile|in\s+parallel|also|at\s+the\s+same\s+time|besides|independently)[,]?\s+)?(?:and\s+)?(?:please\s+)?do\s+(?:exactly\s+)?(?:the\s+same|likewise|so)(?:\s+(?:things?|steps|work))?\s+(?:with|for|on|to)\s+(?P<other>[^,;.?!]+)", _likewise),
        (rf"(?P<begin>^|(?<=[.!?;,]\s))(?:and\s+)?(?:document\s+|file\s+)?(?P<code>(?-i:[A-Z]{{2,5}})-\d\w*)(?:'s|\s+is)\s+(?:an?|the|our|(?!a\b)[\w']+'s)\s+(?P<kind>[\w\s'-]{{2,40}}?)(?:,|;|:|,?\s+and|,?\s+so)\s+(?P<a>{VERB}[^,;.?!]*?\b(?:its?)\b[^,;.?!]*)", _is_kind),
        (r"(?P<begin>^|(?<=[.!?]\s))(?!for\b)(?P<head>(?:[\w'-]+\s+){0,3}(?:round-?up|review|briefing|brief|overview|digest|agenda|to-?dos?|paperwork|package|on\s+one\s+page|in\s+one\s+go)\b[^.:;?!]*):\s+", _headed),
        (r"(?P<begin>^|[.!?;,]\s+)(?:and\s+)?(?:once|when|as\s+soon\s+as|after)\s+(?:the|that|this)\s+(?:new\s+)?(?P<what>ticket|alert|report|checklist|forecast|schedule|case)\s+(?:exists|is\s+(?:there|open|in|created|made|up|raised|ready|done|out)|has\s+been\s+(?:opened|created|made|raised))\s*,\s*(?P<a>.+?)(?P<end>[.!?]?$|[.!?;]\s)", lambda m: f"{m['begin']}then {m['a']}{' about that ' + m['what'] if m['what'] in ('ticket', 'alert', 'case') else ''}{m['end']}"),
        (r"(?P<begin>^|(?<=[.!?;]\s))where\s+(?P<c>[^,;.?!]{5,80}?),?\s+(?:it|that|they|those|he|she)\s+(?:goes?|belongs?|gets?|comes?|is\s+(?:put|written|logged))\s+(?:into|in|onto|as)?\s*an?\s+(?P<what>ticket|alert)\b", r"\g<begin>if \g<c>, open a \g<what>"),
        (rf",\s+before\s+(?:i|we|they|anyone|anybody)\s+[^,.;?!]{{3,60}},\s+(?=(?:{ASKING}|whether|if)\b)", " "),
        (r"\b(?P<deed>assign|acknowledge|resolve|snooze)\s+the\s+(?P<which>most\s+(?:expensive|urgent)|worst|costliest|dearest|first|top)\s+(?=to\b|until\b|for\b|as\b)", r"\g<deed> the \g<which> alert "),
        (r"(?P<ask>\b(?:what|how)\b[^.?!;]*?)\s+(?P<if>if\s+(?:we|i)\s+(?:decline|stay|sign|wait|refuse|accept|take|do\s+not|don't|did|do|leave|keep|postpone|switch)\b[^.?!;,]*)(?=\?)", lambda m: f"{m['ask']} {glued(m['if'])}"),
        (r"\b(?:use|take)\s+(?:the|our)\s+(?:\w+\s+)?template\s+(?P<t>\w+)\s+(?:to|and)\s+(?P<a>(?:text|sms|e-?mail|mail|message|notify|inform|tell|write)\s[^.;?!]*?)(?=[.!]*$|[.;]\s)", r"\g<a>, template \g<t>"),
        (r",?\s+and,?\s+(?:next\s+to|beside|besides|alongside|parallel\s+to)\s+(?:it|that|this|them),?\s+", ", and in parallel "),
        (r"\b(?:no|zero|without\s+(?:any\s+)?)\s*(?:capital\s+costs?|capex|up-?front\s+costs?|investment(?:\s+costs?)?)(?:\s+at\s+all)?(?=\s*[,.;]|\s+and\b)(?=.*\d)", "capex $0"),
        (r",?\s+one\s+after\s+the\s+other(?=[.,;!?]|$)", ", in that order"),
    )
)  # fmt: skip
IN_ORDER: Final = re.compile(
    r"[\s,;–—-]*\b(?:(?:do|all|both)\s+)*(?:strictly\s+|exactly\s+)?in\s+(?:that|this|the\s+given)\s+(?:order|sequence)\b[,.:]?|^(?:please\s+)?(?:do\s+(?:this|these|it|them)\s+)?(?:one\s+after\s+(?:the\s+other|another)|step\s+by\s+step|in\s+sequence)\s*[,:]\s*|^(?:the\s+)?(?:order|sequence)\s*(?:is|:)\s*:?\s*",
    _I,
)
"""The stated order is meant: every "and" is a "then"."""


def rephrased(text: str) -> str:
    """The text with corrections carried out and with the usual words for order and conditions.

    >>> rephrased("Start with an audit of DOC-1 and end with a mail to Kim.")
    'an audit of DOC-1, then a mail to Kim.'
    >>> rephrased("Open a ticket for ABC... no, for XYZ")
    'Open a ticket for XYZ'
    """
    text = asked_for(wished(in_turn(varied(untold(spoken(taken_back(text)))))))
    return turned(text, _TURNS)
