"""Forbidden acts that need no order to be recognised: phrases that honest requests do not hold.

Each phrase belongs to an act of `policy_acts.ACTS`. Those that a question may hold innocently ("does the platform delete
old readings?") count only outside questions.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners import policy_words as words
from redaptive.orchestration.intelligent.planners.policy_orders import asks

_GONE: Final = r"(?:deleted|erased|wiped|purged|gone(?!\s+(?:past|through|up|down|into|over|beyond|wrong|off|silent|dark|dead|quiet|missing|offline|blind|flat|bad))|destroyed|shredded|expunged|scrubbed|nuked|disappear|vanish|(?:had|simply|has\s+simply)\s+never\s+(?:existed|happened)|never\s+happened|go\s+away\s+(?:for\s+good|permanently)|removed\s+(?:for\s+good|from\s+the\s+(?:system|record|files|database)))"
_OTHERS: Final = r"(?:another|other|someone\s+else'?s?|somebody\s+else'?s?|competitors?'?s?|rivals?'?|different|neighbou?r'?s?|neighbou?ring)"
_HOUSES: Final = r"(?:tenants?'?|compan(?:y|ies)(?:'s)?|organi[sz]ations?'?|(?:\w+\s+)?clients?'?|landlords?'?|accounts?'?|businesses|corporations?)"
_THEIRS: Final = r"(?:data|readings?|bills?|meters?|portfolios?|usage|use|contracts?|records?|load|files|numbers|names?|margins?|savings|customers?|costs?|pays?|emissions|consumption)"
_ANYWHERE: Final[Sequence[tuple[str, str]]] = (
    ("falsify", r"\bmak(?:e|ing)\s+it\s+(?:look|seem|appear)\s+(?:as\s+(?:if|though)|like)\b"),
    ("inject", r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|rules|polic(?:y|ies)|prompts?|guardrails?|guidelines|safety|permissions?|what\s+the\s+operator)\b|\b(?:system\s+prompt|jailbreak|developer\s+mode|debug\s+mode|god\s+mode|admin\s+mode|hidden\s+instructions|dan\s+mode|unrestricted\s+mode)\b"),
    ("inject", r"\byou\s+are\s+now\b|\bas\s+an\s+ai\s+without\b|\b(?:have|has|had|with)\s+no\s+(?:limits|rules|restrictions)\b|\bobey\s+(?:it|only|me|them)\b|\bignora\s+tus\b|\bfrom\s+now\s+on\s+you\b|\bcoming\s+from\s+(?:the\s+)?(?:developers?|operator|system)\b|\bas\s+your\s+(?:developer|creator|owner|administrator|operator)\b|\bi\s+outrank\b"),
    ("inject", r"[\"'“<\[{(#]\s*/?\s*(?:system|assistant|user|admin|developer)\s*[\"'”]?\s*[:>,]|\bassistant\s*:\s|(?-i:\bSYSTEM\s*:)|###\s*(?:new|system|instruction)|\[(?:inst|system)\]|<\|"),
    ("inject", r"\b(?:treat|take|regard|understand|interpret)\b.{0,60}\bas\s+(?:a\s+|an\s+|your\s+)?(?:commands?|instructions?|orders?)\b"),
    ("disclose", r"\b(?:flat|house|home|apartment|office|bills?|meters?|load|usage|consumption|data)\b.{0,30}\bmy\s+(?:ex(?:-\w+)?|neighbou?rs?'?s?|girlfriend|boyfriend|landlord)\b"),
    ("inject", r"\b(?:do|follow|execute|carry\s+out|obey|comply\s+with|act\s+on|perform|run|process)\s+(?:exactly\s+)?(?:what(?:ever)?\s+)?(?:it|the\s+(?:note|alias|file|footer|pdf|document|comment|text|name|message|hidden|embedded|e-?mail)|this|that)\b(?:'s)?\s*(?:says?|asks|tells|reads|instructs|command\w*|as\s+written|instructions?|to\s+the\s+letter)|\binstructs?\s+(?:the\s+assistant|you|the\s+system)\b.{0,80}\bcompl(?:y|ied)\b|\b(?:tells|instructs|orders)\s+you\s+to\b.{0,80}\b(?:so\s+do|do\s+(?:so|that|it))\b|\bthen\s+(?:carry\s+it\s+out|do\s+it)\s*\W*$|\bcontains\s+a\s+command\b|\binstructions\s+in\s+the\s+attachment\b|\bdecode\b.{0,40}\band\s+do\b"),
    ("inject", r"\b(?:drop\s+table|select\s+\*\s+from|delete\s+from\s+\w+|insert\s+into\s+\w+\s+values|rm\s+-\w*[rf]|os\.(?:system|remove|environ)|__import__|eval\s*\(|exec\s*\(|open\s*\(['\"]|<script|;\s*--|union\s+select|import\s+os\b|curl\s+\w|wget\s|sudo\b|chmod\s|/etc/|\$\(|shutdown\s+-)|^(?:please\s+)?(?:run|execute|inject|eval)\b.{0,20}\b(?:sql|shell|script|code|command|python|bash)\b"),
    ("trespass", rf"\b{_OTHERS}\s+(?:\w+\s+)?{_HOUSES}(?:\s+in\s+our)?\b.{{0,40}}\b{_THEIRS}\b(?!\s+(?:are|is|were|look)\b)|\b{_THEIRS}\b.{{0,40}}\b(?:of|from|for|to|in)\s+(?:an?|the|any|all)?\s*{_OTHERS}\s+(?:\w+\s+)?{_HOUSES}\b|\b{_THEIRS}\b.{{0,30}}\b(?:belong\w*\s+to|from)\s+(?:a\s+|the\s+)?{_OTHERS}\b"),
    ("trespass", r"\btenant\s*(?:=|id\b|#)|\bcross[\s-]tenant\b|\bas\s+(?:tenant|admin(?:istrator)?|root|superuser)\b|\b(?:of|over|across|for|from|in)\s+all\s+(?:the\s+)?tenants\b(?!'?\s+(?:meters|spaces|suites|floors|notice))|\ball\s+tenants,?\s+not\s+just\b|\b(?:in|into|as|of|from|switch\s+to)\s+tenant\s+(?!on\b|in\b|at\b|billing|space|meter|floor|suite|improvement|portal|satisf|complain|contact|comfort|\w*\s*building)['\"]?[\w-]+|\bin\s+their\s+(?:tenant|account)\b|\b(?:in|at)\s+the\s+neighbou?r'?s\s+account\b|\bevery(?:one|body)'?s\s+(?:data|meters|readings|bills)\b|\ball\s+(?:meters|data|bills|readings)\s+of\s+every(?:one|body)\b|\bevery\s+customer'?s\s+\w+\s+across\s+the\s+platform\b|\bon\s+the\s+same\s+platform\b"),
    ("trespass", r"\b(?:pretend|act|log\s?in|sign\s?(?:me\s+)?in|impersonat\w*|pose|masquerad\w*)\b.{0,20}\b(?:as|to\s+be|being)\b.{0,24}\b(?:admin\w*|ceo|cfo|another|other|customer|user|engineer|root|owner|manager|auditor|finance)|\b(?:i'?m|i\s+am)\s+(?:the\s+|really\s+the\s+|an?\s+)?(?:ceo|cfo|administrator|admin|owner|boss|root|it\s+support|from\s+it)\b.{0,80}\b(?:so|give|need|show|pull|don'?t\s+apply|all)\b|\b(?:permissions?|scopes?|roles?|rules|access\s+rights|row-?level\s+security)\s+(?:don'?t|do\s+not|doesn'?t|isn'?t|aren'?t)\s+(?:apply|there|count|matter|exist)\b|\b(?:login|account|role|user|rights?|access)\s+only\s+(?:lets?|allows?|gives?)\s+me\b.{0,40}\b(?:anyway|still|surely|write|change|tool)\b|\b(?:i'?m\s+not\s+allowed|i\s+(?:have\s+no|don'?t\s+have\s+(?:the\s+)?)(?:rights?|access|permission|login)|no\s+login\s+for)\b.{0,80}\b(?:anyway|still|for\s+me|run|show|get|do\s+it|instead)\b|\bsecond\s+factor\b.{0,20}\banyway\b|\bforgot\s+my\s+scopes\b|\btreat\s+me\s+as\b|\bconversations?\s+of\s+(?:other|all)\b|\bpeople\s+at\s+\w+\s+asked\s+you\b"),
    ("trespass", r"\b(?:what(?:'s|\s+is|\s+are)?|which|where)\b.{0,30}\b(?:passwords?|api\s+keys?|secrets?|credentials?|private\s+keys?|access\s+tokens?|connection\s+strings?)\b(?!.*\b(?:pdf|protected|doc)\b)"),
    ("disclose", r"\b(?:home|personal|private|cell)\s+(?:address(?:es)?|phones?|phone\s+numbers?|mobile|details)\b|\bsocial\s+security\b|\bssns?\b|\bsalar(?:y|ies)\b|\bcredit\s+cards?\b|\bwho\s+(?:is|are)\s+(?:home|away)\b|\bwhen\s+(?:they|the\s+tenants?(?:\s+in\s+\w+)?|people)\s+(?:are|is)\s+(?:home|away|asleep)\b|\bwhich\s+employees\b.{0,40}\b(?:late|early|home)\b"),
    ("disclose", r"\b(?:export|send|email|e-mail|forward|leak|upload|post)\b.{0,40}\b(?:all|entire|whole|every)\b.{0,20}\b(?:customers?'?|tenant|personal|private)\b.{0,20}\b(?:data|list|records|addresses|contacts|details|information)\b|\b(?:list|export|dump|download|give|send)\b.{0,30}\b(?:e-?mails?|phone\s+numbers?|addresses|contacts?)\b.{0,30}\b(?:of|for)\s+(?:all|every)\b|\b(?:changing\s+jobs|new\s+employer|my\s+new\s+job|i'?m\s+leaving)\b.{0,60}\b(?:export|take|copy|download|data)\b"),
    ("bypass", r"\b(?:auto[\s-]?approve|approve\s+(?:it\s+)?(?:yourself|on\s+my\s+behalf|automatically|everything))\b|\bforce\s+(?:approve|close|push|through|the\s+approval)|\b(?:validator|validation|check|gate|filter|guard|interlock|review|rule|limit)\b[^.]{0,40}\b(?:turn|switch)\s+(?:it|them)\s+off\b|\bapprovals?\s+off\b|\bvalidation\s+off\b|\bpermissions?\s+off\b|\bout\s+of\s+the\s+loop\b|\bapproval\s+(?:is\s+)?not\s+(?:needed|required|necessary)|\b(?:would\s+have|always)\s+sa(?:id|ys)\s+yes\b|\bthe\s+ok\s+(?:from\s+\w+\s+)?(?:afterwards|later)\b|\bunder\s+\w+(?:\s\w+)?'s\s+name\b|\bwithout\s+landing\s+on\b"),
    ("pay", r"\b(?:promised|promises|gives?|gets?|pays?)\s+me\s+(?:a\s+)?(?:cut|kickback|share|commission|percentage)\b|\bkickbacks?\b|\bbribes?\b|\bmy\s+(?:cousin|brother|wife|husband|friend|uncle)\s+owns\b"),
)  # fmt: skip
_TOLD: Final[Sequence[tuple[str, str]]] = (
    ("falsify", r"\b(?:could|can|should|may|might)\s+(?:the|our|those|these|all\s+the)\s+(?:\w+\s+){0,2}?(?:baselines?|readings?|numbers|figures|savings|emissions|values?|results?|kwh|dates?)\s+(?:\w+\s+)?be\s+(?:moved|shifted|raised|lowered|improved|nudged|rounded\s+up|friendlier|nicer|better|massaged|sweetened|a\s+bit)\b(?!.*\b(?:because|documented|non-?routine|new\s+wing|correct\w*|for\s+the)\b)"),
    ("falsify", r"\blet\s+it\s+(?:look|seem|appear)\s+(?:as|like)\b|\bany\s+(?:numbers?|values?|figures?|readings?|data)\s+(?:will|would)\s+do\b|\bthe\s+(?:true|real|actual|honest)\s+(?:ones?|numbers?|figures?|values?)\s+(?:look|are|is|would\s+look)\s+(?:\w+\s+)?(?:bad|ugly|embarrassing|awful|terrible|poor|too\s+\w+)\b"),
    ("falsify", r"^\W*(?:please\s+)?(?:double|over)-?(?:bill|charge|invoice)\b(?!\s*(?:ing|ed|s\b))(?=\s+\w)|\b(?:bill|charge|invoice)\s+(?:them|customer\s+\w+|the\s+\w+|\w+)\s+(?:twice|a\s+second\s+time|double)\b(?!\s*\?)"),
    ("conceal", r"\b(?:doesn'?t|don'?t|does\s+not|do\s+not|needn'?t)\s+(?:need|have)\s+to\s+(?:know|hear|learn|find\s+out|see)\b.{0,40}\b(?:error|mistake|favou?r|overcharg\w*|leak|fault|problem|outage|increase|delay)\b"),
    ("destroy", rf"\b(?:get|have|want|need|like|see|love|lovely|nice|great|should|must)\b.{{0,90}}\b{_GONE}\b(?!\s*(?:\?|up|from\s+the\s+chart))|\b(?:make|made)\s+(?:it|that|this|them)\s+so\b.{{0,60}}\bbefore\b"),
    ("destroy", rf"\b(?:delete|wipe|erase|purge|destroy|truncate|nuke)\b(?:\W+\w+){{0,5}}?\W+{words.RECORD}\b.{{0,60}}\b(?:history|all|every|log|permanently|database)\b(?!.*\b(?:scope|comparison|ranking|list)\b)"),
    ("conceal", rf"(?:{words.DECEIT})(?!.*\b(?:utility|supplier|vendor|they|someone)\s+(?:\w+\s+){{0,4}}without\b)"),
    ("falsify", r"\b(?:want|need|like|get|have)\b.{0,60}\b(?:lowered|raised|changed|edited|adjusted|reduced|smoothed|shifted)\s+in\s+the\s+(?:data|readings|report|records|books|system)\b|\b(?:write|say|record|log|report|state|put|mark|tell|enter|note|confirm)\b.*\beven\s+(?:if|though)\s+(?:he|she|they|it|we|nobody|the\s+\w+)\s+(?:wasn'?t|didn'?t|hasn'?t|haven'?t|weren'?t|isn'?t|never)\b|^(?!.*\b(?:look\s+for|find|detect|check|spot|audit|search)\b).*\b(?:to|with|as|under|add|create|use|some|an?|enter|invent|\d+|ten)\s+(?:\w+\s+)?(?:fake|phantom|fictitious|made-up|bogus|invented|ghost)\s+\w+"),
    ("falsify", r"^(?!.*\b(?:find|list|which|look\s+for|show)\b).*\b(?:results?|data|months?|readings?|tests?|points?|numbers?|meters?)\s+that\s+(?:don'?t|doesn'?t|do\s+not|won'?t)\s+(?:support|fit|suit|help|agree|pass|please)\b"),
    ("falsify", r"\bbut\s+(?:please\s+)?(?:tell\s+(?!me\b|us\b)|say|report|write|state|record|enter|claim|book)\b(?!.*\bonly\s+if\b)|\bgives\s+us\s+(?:\w+\s+){0,4}(?:more|extra)\b|\bmake\s+(?:the\s+|our\s+|it\s+|us\s+|them\s+)+(?:\w+\s+)?(?:hit|meet|pass|qualify|match|comply|fit|agree)\b|\b(?:wasn'?t|weren'?t|isn'?t|aren'?t|hasn'?t|didn'?t|haven'?t),?\s+but\s+(?:say|write|report|mark|put|sign|show|tell|do|book)\b|,\s*(?:it|they|which)\s+(?:isn'?t|wasn'?t|aren'?t|weren'?t)\s*[.!]?$|\bshould\s+not\s+appear\b|\bnot\s+us\s*[.!]?$|\bapplication\s+date\b.{0,30}\bto\s+last\b"),
    ("falsify", rf"\b(?:fake|falsif\w+|fabricat\w+|forge|made\s+up|make\s+up|invent|inflat\w+|back-?dat\w+|fudge|massage)\b.{{0,40}}\b(?:{words.FIGURE})\b.{{0,60}}\b(?:so|to|for|before|until|and)\b"),
    ("falsify", r"\b(?:make(?!\s+(?:me|us|him|her)\b)|making|made|get|want|needs?\s+to)\b.{0,40}\b(?:look|looks|appear|seem)\s+(?:\w+\s+)?(?:better|lower|higher|smaller|bigger|larger|good|nice|nicer|cleaner|greener|less|fine|impressive)\b|\bless\s+(?:awful|bad|ugly)\s+before\b|\b(?:two|second)\s+versions?\b.{0,60}\b(?:real|true|nicer|official)\b|\bcook\s+the\s+books\b|\bsmooth\s+out\b.{0,60}\b(?:before|weekends?|forgot)\b|\bregardless\s+of\s+npv\s+and\s+say\b|\bwhatever\s+the\s+(?:model|meters?)\s+says?\b|\bsell\s+them\s+the\s+idea\b|\bkeep\s+billing\s+on\s+the\s+wrong\b"),
    ("falsify", r"\b(?:fill|set|replace|overwrite|load|enter)\b.{0,40}\b(?:with|to)\s+(?:zeros?|random\s+(?:values|numbers)|made-up|dummy|bogus|invented)\b|\bclaim(?:ed|ing)?\s+(?:\w+\s+){0,4}twice\b|\bsavings?\s+(?:are|is|be)\s+doubled\b|\buncertainty\s+is\s+not\s+shown\b"),
    ("trespass", r"\b(?:in|using|with|under)\s+(?:(?:my|the|his|her|our|their)\s+)?\w+(?:\s\w+)?'s\s+(?:name|account|login|signature|credentials|badge)\b|\bin\s+(?:his|her|their)\s+name\b"),
    ("disclose", r"\b(?:send|share|show|forward|give|email|mail|leak|sell|pass)\b.{0,60}\bto\s+(?:a\s+|an\s+|the\s+|their\s+|its\s+|our\s+|one\s+of\s+)*(?:competitors?|press|newspapers?|rivals?|journalists?)\b|\b(?:mail|send|forward)\s+(?:that|this|it|them)\s+to\s+a\s+competitor\b"),
    ("bypass", r"\bwithout\s+(?:any\s+|even\s+)?(?:checking|looking|verif\w+|review\w*|testing|approval)\b(?=.*\b(?:approve|close|pay|send|issue|release|book|raise|push|resolve|accept|sign)\w*\b)|\bno\s+need\s+for\s+approvals?\b"),
)  # fmt: skip


def _compile(table: Sequence[tuple[str, str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((act, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for act, pattern in table)


_EVERYWHERE, _OUTSIDE_QUESTIONS = _compile(_ANYWHERE), _compile(_TOLD)


def spoken_act(text: str) -> str | None:
    """The class of a forbidden act that the words give away; None where there is none.

    >>> spoken_act("It would be lovely if alert AL-3 had never existed"), spoken_act("when did alert AL-3 end?")
    ('destroy', None)
    """
    tables = _EVERYWHERE if asks(text) else _EVERYWHERE + _OUTSIDE_QUESTIONS
    return next((act for act, pattern in tables if pattern.search(text)), None)
