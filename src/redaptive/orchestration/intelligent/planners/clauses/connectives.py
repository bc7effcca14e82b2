"""Words that join parts of a request: order, independence, conditions, alternatives, and orders given backwards."""
# ruff: noqa: E501, SIM905 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import ASKING, CLEAR_VERB, GERUND, VERB

_I: Final = re.IGNORECASE
_THAT: Final = r"(?:that|those|this|these|it|them|(?:both|all|these|those)(?:\s+(?:the|of\s+the))?(?:\s+(?:two|three|four))?\s+(?:results?|outcomes?|findings|answers|figures|numbers|outputs)|the\s+(?:results?|outcomes?|findings|output|figures|numbers?|answer|list|data|details|two|three|pair|lot)|(?:these|those)\s+(?:two|three|four)(?:\s+(?:together|combined))?|your\s+findings)"
_OVER: Final = r"(?:(?:in|at)\s+hand|on\s+the\s+table|done|finished|complete[d]?|ready|over(?!\s*[$\d])|through|in|available|back|there|known|clear|come\s+(?:back|in)|returned|arrived)"
_ANAPHORIC: Final = re.compile(
    rf"^(?:(?:you|we|i)(?:'ve|'re)?\s+)?(?:(?:have|are|am)\s+)?(?:got\s+|seen\s+|have\s+|know\s*)?"
    rf"(?:{_THAT}|all\s+of\s+(?:that|this|them)|both|everything|all(?:\s+(?:two|three|four|five))?)?(?:'s|\s+(?:is|are|has|have|comes?|came))?"
    rf"(?:\s+been)?\s*(?:all\s+)?(?:{_OVER})?$|^(?:{_THAT}|(?:the|that|its|this)\s+(?:new\s+)?(?:ticket|alert|alarm|report|contract|work\s+order|change\s+order|case|message|e-?mail))(?:\s+exists?|\s+(?:is|are|has\s+been|have\s+been)\s+(?:open(?:ed)?|created|up|sent|out|filed|written|saved|logged|raised|settled))$"
    rf"|^(?:both|all)(?:\s+(?:of\s+)?(?:the|these|those))?(?:\s+(?:two|three|four))?\s+[a-z]+s\s+(?:are|have\s+(?:been|come))\s+(?:all\s+)?{_OVER}$",
    _I,
)
THEN: Final = (
    r"(?:(?<!since\s)(?<!back\s)(?<!by\s)(?<!until\s)then|thereafter|thereupon|afterw(?:ar)?ds?|(?:only\s+)?after\s+(?:that|which|this)|finally|lastly|"
    r"subsequently|followed\s+by|and\s+next|and\s+last|(?<=[,;.:]\s)next|(?<=[,;.:]\s)last(?=\s*,)|last\s+of\s+all|"
    rf"(?:once|when|as\s+soon\s+as)\s+(?:that|this|it|those|they|both|everything|all\s+of\s+(?:that|it))(?:'s|\s+is|\s+are)?\s+{_OVER}|"
    rf"(?:once|when)\s+(?:you(?:'ve|\s+have|'re|\s+are)?|we\s+have|i\s+have)\s+(?:(?:got|have)\s+)?(?:{_THAT}|done|finished|both)|once\s+done|when\s+done|"
    r"(?:(?<=[,;.:]\s)|and\s+)(?:(?:only\s+)?at\s+the\s+(?:very\s+)?end(?!\s+of)|in\s+the\s+end|to\s+finish(?!\s+(?:the|it))|to\s+close(?=\s*,)|(?:in|as)\s+(?:(?:a|the)\s+)?(?:second|third|next|last|final)\s+step)|"
    rf"(?:based|building)\s+on\s+{_THAT}|on\s+the\s+(?:basis|strength)\s+of\s+{_THAT}|on\s+(?:that|this|its|their)\s+basis|(?:from|out\s+of|with|using)\s+(?:(?:these|those|the)\s+(?:two|three|four)|both(?:\s+of\s+them)?|all\s+(?:three|four|of\s+(?:it|them|that|this|these|those))|everything)(?:\s+(?:results?|answers|figures|numbers))?(?:\s+(?:together|combined))?(?=\s*,?\s+{VERB}\s)|(?:from|out\s+of|among)\s+what\s+(?:(?:you|it|that|they)\s+(?:found|finds?|gives?|shows?|gets?|got|turns?\s+up|comes?\s+up\s+with|brings?(?:\s+up)?)|(?:comes?|turns?|came)\s+(?:out|up)|is\s+found|was\s+found)|from\s+(?:that|there|those|it(?=\s*,?\s+{VERB}))(?!\s+\w+(?:s|er)?\s+(?:we|i|that)\b)|with\s+(?:that|those)(?:\s+(?:in\s+(?:hand|mind)|done|known|out\s+of\s+the\s+way|settled)|(?=\s*[,:]|\s+(?:please\s+)?{CLEAR_VERB}\s|\s+(?:i|we|you|the|an?)\s))|with\s+the\s+(?:results?|output|outcome)(?!\s+of)|"
    rf"using\s+{_THAT}(?!\s+(?:figures|numbers|values|inputs|terms|assumptions|data)\b)|given\s+(?:that|those|the\s+results?)(?=\s*,)|"
    r"(?<=[,;.:]\s)(?:second(?:ly)?|third(?:ly)?|fourth(?:ly)?|step\s+\d)(?=\s*[,:]))"
)
_APART_FROM: Final = r"independent(?:ly)?\s+(?:of|from)\s+(?:that|this|it|them|those|these|each\s+other|one\s+another|(?:the|all)\s+(?:first|second|third|last|other|others|rest|former|above|previous)(?:\s+(?:ones?|jobs?|tasks?|parts?|steps?|two|three))?)"
PARALLEL: Final = (
    r"(?:at\s+the\s+same\s+time|in\s+parallel|simultaneously|meanwhile|in\s+the\s+meantime|concurrently|side\s+by\s+side|at\s+once(?=\W)|"
    rf"{_APART_FROM}|independently|separately|on\s+the\s+other(?:\s+hand)?|in\s+the\s+same\s+breath|for\s+comparison|while\s+you(?:'re|\s+are)\s+at\s+it|as\s+well\s+as|in\s+addition(?:\s+to\s+(?:that|this))?|"
    r"additionally|also|plus|besides(?:\s+that)?|alongside|on\s+top\s+of\s+(?:that|this)|together\s+with|along\s+with|"
    r"while\s+(?:that|it|this|those|they)(?:'s|'re|\s+is|\s+are)?\s+(?:still\s+)?(?:running|runs?|going(?:\s+on)?|working|works|under\s+way|at\s+it|being\s+done)|"
    r"in\s+one\s+go|apart\s+from\s+that)"
)
_PLEASE: Final = r"(?:(?:please|pls|also|maybe|just|kindly|let\s+us|let's|then|go\s+ahead\s+and)\s+)*"
_SUBJECT: Final = r"(?:you(?:'ve|'re)?|we(?:'ve|'re)?|i(?:'ve)?|anyone|anybody|they|somebody)\s"
_NO_TIME: Final = (
    r"(?!\s*(?:the\s+)?(?:\d|noon|midnight|hours|dark|dawn|sunrise|work|closing|opening|christmas|lunch|today|tomorrow|yesterday|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|jan|feb|mar(?:ch)?\b|apr|may\b|jun|jul|aug|sep|oct|nov|dec|q[1-4]|(?:next|last|this|end|start|beginning|first|summer|winter|"
    r"spring|fall|holidays?|weekend|(?:[\w'-]+\s+){0,3}?(?:filing|submission|hearing|meeting|call|visit|inspection|tour|vote|auction|conference|presentation|negotiations?|trip|workshop|due\s+date|cut-?off|expiry|expiration|kick-?off|handover|deadline|auditors?|filing\s+date|board)\b(?!\s+(?:of|for)\b)|week|month|quarter|year|event|season|meeting|board|deadline|incentives?|tax(?:es)?|retrofit|installation|install|upgrade|renewal|peak)\b))"
)
"""What follows "before" and "after" when they speak of a time, not of work."""
_WANTED: Final = r"(?:the\s+|our\s+|an?\s+)?(?:\w+\s+)?\w+\s+(?:wants?|needs?|asks?\s+for|expects?|requires?|demands?|insists?\s+on)\s+(?:an?\s+|at\s+least\s+)?\$?\d"
"""A figure that a party wants: it is given, and nothing is decided by it."""
BOUNDARY: Final = re.compile(
    rf"(?P<otherwise>[;,.]?\s*(?:\band\s+|\bbut\s+)?\b(?:otherwise|or\s+else|(?<!thing\s)(?<!what\s)(?<!all\s)(?<!body\s)(?<!one\s)else|(?:if|when)\s+not(?=\s*[,:;]|\s+(?:then|please)\b|(?<!when\snot))|if\s+no(?=\s*[,:])|failing\s+that|in\s+(?:any|every|all|the)\s+other\s+cases?|if\s+(?:that|this)(?:'s|\s+is)\s+not\s+(?:so|the\s+case)|if\s+none\s+of\s+that)\b[,:]?\s*)"
    r"|(?P<which>[,;.]?\s*\b(?:and\s+)?in\s+(?:which|that|such\s+a)\s+case\s*,?\s*)"
    rf"|(?P<then>[,;.]?\s*(?:\band\s+|\bbut\s+)?\b{THEN}(?![\w'-])\s*[,:]?\s*|\s*(?:->|→|=>|>>)\s*)"
    rf"|(?P<parallel>[,;.]?\s*(?:\band\s+|\bbut\s+)?\b{PARALLEL}(?![\w'-])\s*[,:]?\s*)"
    rf"|(?P<first>,?\s*\b(?:but|though|just|and)\s+(?:please\s+)?(?:first(?:ly)?\b(?:\s+of\s+all)?|before\s+(?:that|this|it|doing\s+so)\b|beforehand),?\s*)"
    rf"|(?P<before>,?\s+(?:but\s+)?(?:all\s+)?(?:right\s+|just\s+)?(?:before|prior\s+to|ahead\s+of)\s+(?={_SUBJECT}|{GERUND}|(?:the|an?|any|that|it)\s){_NO_TIME})"
    rf"|(?P<after>,?\s+(?:but\s+)?(?:only\s+)?(?:right\s+|just\s+)?(?:after|once|as\s+soon\s+as|not\s+(?:before|until))\s+(?={_SUBJECT}|{GERUND}|(?:the|its|it|that|both|all)\s|[A-Z]{{2,}}-\d){_NO_TIME})"
    rf"|(?P<while>,?\s+while\s+(?=(?:you(?:'re)?\s+)?(?:are\s+|also\s+)?{GERUND}|(?:you|we|i)\s))"
    rf"|(?P<unless>,?\s*\b(?:but\s+)?(?:not\s+if|unless|except\s+(?:if|when))\s+)"
    rf"|(?P<middle>(?:\s*[;,:]\s*(?:and\s+|but\s+)?|\s+[–—-]+\s+(?:and\s+|but\s+)?|\s+(?:and|but)\s+)(?=(?:only\s+)?(?:if|in\s+case|should|unless|when(?:ever)?|where|once|after|before)\s))"
    rf"|(?P<condition>\s+(?:but\s+)?(?:only\s+|just\s+)?(?:if|in\s+case|in\s+the\s+event(?:\s+that)?|provided(?:\s+that)?|assuming(?:\s+that)?|supposing(?:\s+that)?|as\s+long\s+as|so\s+long\s+as|on\s+(?:the\s+)?condition\s+that|when(?:ever)?)\s+(?!of\b|{_WANTED}))"
    rf"|(?P<and>(?:\s*[,;:–—]\s*(?:and\s+|but\s+)?|\s+-\s+|\s+and\s+|\s+&\s+|\s*\+\s+)(?={_PLEASE}(?:{VERB}(?!\s+(?:of|to\s+be)\b)(?=\s+\S)|{ASKING}(?=\s+\S))))"
    rf"|(?P<soft>\s*;\s*(?:and\s+)?|\s+\+\s+(?=\S)|,?\s+and\s+(?=\S)|,\s+(?=[^\d\s]|\d+[\s-]?(?:h|hours?|days?|weeks?)\s+(?:(?:ahead|load|demand)\s+)?[a-z]{(5,)})|\s+[–—]\s+|\s+-\s+(?=[a-z]))"
    rf"|(?P<sentence>(?<=[.!?])\s+(?=\S)|\s*\n+\s*)",
    _I,
)
"""Where one part ends and another begins; the name of the group says how they hang together."""
_ASKS_WHERE: Final = r"when\s+(?:are|is|will)\s+(?:we|it|they|that|you|everything|the\s+\w+)\s+(?:be\s+)?(?:done|ready|finished|through|over|complete)\b|(?:where|when)\s+(?:do|does|did|will|would|can|could)\b|where\s+(?:is|are|was|were)\b|where\s+(?:its|the|our|their|those)\s+(?:\w+\s+)?\w+\s+stands?\b"
ASKS_WHERE: Final = re.compile(_ASKS_WHERE, _I)
"""Questions that begin with a word for conditions."""
IF: Final = re.compile(
    rf"^(?!{_ASKS_WHERE})(?:and\s+|but\s+)?(?:only\s+|just\s+)?(?P<word>if|in\s+case|should(?!\s+(?:have|be|i|we|you)\b)|should(?=\s+(?:i|we|you)\s+(?:have\s+been|have\s+paid|be\s+\w+ed|find|turn\s+out|come\s+out|lose|end\s+up|get|see|exceed|pay|save)\b[^?]*,\s*(?:please\s+|then\s+)?{VERB})|provided(?:\s+that)?|as\s+long\s+as|assuming(?:\s+that)?|suppos(?:e|ing)(?:\s+that)?|"
    r"in\s+the\s+event(?:\s+that)?|with(?=\s+(?:fewer|less|more|over|under|at\s+least|no\s+more|no|any|(?:\w+\s+){1,4}(?:above|below|over|under)|(?:\w+\s+){1,3}of\s+(?:more|less|fewer|over|under|at\s+least))\b)|given\s+that|on\s+condition\s+that|so\s+long\s+as|unless|when(?:ever)?|where(?:ver)?|as\s+soon\s+as|once(?!\s+(?:for|with|by|at|in|a|per|more|again)\b))\b\s*(?P<rest>.+)$",
    _I | re.DOTALL,
)
_NOT_FINITE: Final = r"(?:unless|besides|across|as|thus|this|perhaps|whereas|regardless|towards|versus|plus|minus|less|always|afterwards|its|his|yes)\b"
_TO_COMMA: Final = r"(?:[^,;?]|(?<=\d),(?=\d{3}))"
_COMPARED: Final = (
    rf"(?={_TO_COMMA}*(?:(?<![\w-])[$]?\d|\b(?:any|no|nothing|anything|late|overdue|expired|negative|positive)\b))"
)
INVERTED: Final = re.compile(
    rf"^(?:and\s+|but\s+)?(?P<condition>(?:(?:is|are|was|were|has|does)|(?!{VERB}|{_NOT_FINITE})[a-z]+s(?=\s+(?:it|this|that|the|its|their|one|any|more|less)\b){_COMPARED})\s{_TO_COMMA}+)"
    rf"[,;]\s+(?P<action>(?:please\s+|then\s+)+[^\s?][^?]*|{VERB}\s[^?]*)$",
    _I | re.DOTALL,
)
"""A condition by the order of its words alone: "lies it above 500 kW, raise an alert"."""
AFTER: Final = re.compile(
    rf"^(?!{_ASKS_WHERE})(?:only\s+)?(?:right\s+|just\s+)?(?P<word>after|once|when|as\s+soon\s+as|following|upon|having|now\s+that|based\s+on|building\s+on|with|using|given)\s+"
    rf"(?:{_SUBJECT}(?:have\s+|are\s+done\s+|'ve\s+)?)?(?P<first>.+?),(?!\d{{3}})\s*(?:then\s+)?(?P<second>.+)$",
    _I | re.DOTALL,
)
BEFORE: Final = re.compile(
    rf"^(?:right\s+|just\s+)?(?:before|prior\s+to|ahead\s+of)\s+(?:{_SUBJECT})?{_NO_TIME}(?P<second>.+?),(?!\d{{3}})\s*(?P<first>.+)$",
    _I | re.DOTALL,
)
NOT_UNTIL: Final = re.compile(
    r"^(?:please\s+)?(?:do\s+not|don't|dont|never|no)\s+(?P<second>.+?)\s+(?:until|till|before|unless\s+and\s+until)\s+(?:after\s+)?(?P<first>.+)$",
    _I | re.DOTALL,
)
"""An order given as a ban: "do not text anybody until the rules have been run"."""
BESIDE: Final = re.compile(
    rf"^(?:while|besides|in\s+addition\s+to|as\s+well\s+as|apart\s+from|aside\s+from|along\s+with|alongside|together\s+with|on\s+top\s+of|at\s+the\s+same\s+time\s+as)\s+"
    rf"(?:{_SUBJECT}(?:are\s+|'re\s+)?)?(?P<first>.+?),(?!\d{{3}})\s*(?P<second>.+)$",
    _I | re.DOTALL,
)
IN_THAT_CASE: Final = re.compile(
    r"^(?:and\s+|but\s+)?(?:only\s+)?(?:in\s+(?:that|this|such\s+a|which)\s+(?:case|event)|if\s+(?:so|yes)|should\s+that\s+be\s+so)\b[,:]?\s*(?P<action>.+)$",
    _I | re.DOTALL,
)
NOMINAL_IF: Final = re.compile(
    r"^(?:and\s+|but\s+)?(?P<condition>(?:positive|negative|none|nothing|no\s+[\w-]+(?:\s+[\w-]+)?|(?:high|low|medium|critical)\s+[\w-]+|any(?:thing|\s+[\w-]+)?|some(?:thing|\s+[\w-]+)?|still\s+\w+|too\s+\w+|not\s+\w+)(?:\s+(?:at\s+all|found|there|left|wrong|unusual|to\s+report))*)"
    rf"\s*(?:\?\s*(?:then\b)?[,:]?|:|\s[-–—])\s*(?P<action>(?:please\s+|then\s+)?{VERB}.+)$",
    _I | re.DOTALL,
)
"""Conditions without an "if": "no faults? then ...", "none at all: ..."."""
ARROWED: Final = re.compile(
    r"(?P<before>^|[?.;,:–-]\s*)(?P<condition>(?:above|below|over|under|more\s+than|less\s+than|at\s+least|(?<![-=])[<>]=?)(?:\s(?:[^-→?.;,]|(?<=\d)[.,](?=\d))*?)?)\s*(?:->|→|=>)\s*",
    _I,
)
"""A comparison with an arrow to what it leads to: "above 800 kW -> text the operator"."""
QUERIED: Final = re.compile(
    r"(?P<before>^|.*?[,;.:–—]\s*|.*?\s-\s)(?P<condition>(?:(?:nothing|none|no|not|any|anything|something|still|too)\b[^?,;]{0,50})|(?:(?!is|are|was|were|has|have|does|do|did|how|what|why|which|who|when|where)[a-z]+\s+){1,2}(?:high|low|late|overdue|negative|positive|expired|silent|critical|wrong|breached|missed))\?$",
    _I | re.DOTALL,
)
"""A short question at the end of a sentence that the next one answers with "then"."""
SAY_FIRST: Final = re.compile(
    r"[\s,;–—-]*\b(?:(?:but|and|yet|though)\s+)?(?:please\s+)?(?:(?:ask|check\s+with|run\s+(?:it|that|this)\s+(?:by|past)|clear\s+(?:it|that)\s+with|confirm\s+with|consult)\s+(?:me|us)\b(?:\s+for\s+(?:(?:my|our|an?)\s+)?(?:approval|ok(?:ay)?|permission|consent|go[\s-]?ahead))?(?:\s+(?:first|before(?:hand|\s+[^,.;]+)?))?"
    r"|(?:wait|hold)\s+for\s+(?:my|our|an?|the)\s+(?:\w+\s+)?(?:ok(?:ay)?|approval|go[\s-]?ahead|sign[\s-]?off|confirmation)(?:\s+(?:first|before\s+[^,.;]+))?"
    r"|get\s+(?:my|our|the\s+\w+'s)\s+(?:ok(?:ay)?|approval|go[\s-]?ahead|sign[\s-]?off|permission)(?:\s+(?:first|before\s+[^,.;]+))?"
    r"|(?:let|have)\s+(?:me|us)\s+(?:confirm|approve|sign\s+(?:it\s+|that\s+)?off|ok(?:ay)?|release|agree|review|check)(?:\s+(?:to\s+|on\s+)?(?:it|that|this|them|the\s+\w+))?(?:\s+(?:first|before(?:hand|\s+[^,.;]+)?))|(?:let|have)\s+(?:me|us)\s+(?:confirm|approve|okay|release)(?:\s+(?:it|that|this|them))?(?=\s*(?:[.;,!]|$))"
    r"|(?:only\s+)?(?:after|once|when|if)\s+(?:i|we)(?:'ve|\s+have)?\s+(?:had\s+a\s+look|seen\s+(?:it|that|them)|looked\s+at\s+(?:it|that|them)|read\s+(?:it|them))(?:\s+and\s+(?:said\s+(?:yes|so|ok(?:ay)?)|agreed|approved|confirmed|nodded)(?:\s+(?:it|that|to\s+it))?)"
    r"|(?:only\s+)?(?:after|once|when|if)\s+(?:i|we|my\s+boss|the\s+\w+)(?:'ve|\s+have|\s+has)?\s+(?:approved?|confirm(?:ed)?|sign(?:ed)?(?:\s+(?:it|that|this))?\s+off|ok'?e?d|okay(?:ed)?|agreed?)(?:\s+(?:it|that|this|them))?"
    r"|(?:only\s+)?(?:after|with|upon|once\s+you\s+have|subject\s+to|pending)\s+(?:my|our|an?)\s+(?:prior\s+|explicit\s+)?(?:ok(?:ay)?|approval|go[\s-]?ahead|sign[\s-]?off|consent|confirmation)"
    r"|(?:i|we)\s+(?:want|need|would\s+like|'d\s+like|have|must)\s+to\s+(?:approve|confirm|sign\s+off|ok|okay|release)\s+(?:it|that|this|them|the\s+\w+)(?:\s+(?:first|before\s+[^,.;]+))?)(?=\W|$)",
    _I,
)
"""Wishes to be asked before something is done."""
LEADING_THEN: Final = re.compile(rf"^(?:and\s+|so\s+|ok(?:ay)?,?\s+)?{THEN}(?![\w'-])\s*[,:]?\s*", _I)
LEADING_PARALLEL: Final = re.compile(rf"^(?:and\s+|so\s+)?{PARALLEL}(?![\w'-])\s*[,:]?\s*", _I)
LEADING_ELSE: Final = re.compile(
    r"^(?:and\s+|but\s+)?(?:otherwise|or\s+else|else|in\s+(?:any|every|all|the)\s+other\s+cases?|if\s+(?:that|this)(?:'s|\s+is)\s+not\s+(?:so|the\s+case)|if\s+none\s+of\s+that|when\s+not(?=\s*[,:;])|if\s+(?:not|no(?=\s*[,:])|(?:it\s+(?:does|is)(?:n't|\s+not)|they\s+(?:do|are)(?:n't|\s+not))(?=\s*[,:;]|\s+(?:then|please)\b))|failing\s+that)\b[,:]?\s*",
    _I,
)
DENIES_ORDER: Final = re.compile(rf"^(?:and\s+|but\s+)?{_APART_FROM}\s*[,:]?\s*", _I)
"""Words at the head of a clause that make a "then" before them one of counting, not of order."""
MIDWAY: Final = re.compile(
    rf"^(?P<verb>{VERB})\s+(?P<mark>{_APART_FROM}|independently|in\s+parallel|at\s+the\s+same\s+time|simultaneously|concurrently|separately|afterwards|thereafter|thereupon|subsequently|next(?=\s+(?:the|an?|its)\s)|finally|then)\s+(?=\S)",
    _I,
)
"""A word of order between an order and its object: "send thereafter an email"."""
TRAILING_PARALLEL: Final = re.compile(
    rf"[,\s]*(?<!\bof\s)(?<!\bfrom\s)(?<!\bfor\s)(?<!\bwith\s)(?<!\bon\s)(?<!\bin\s)\b(?:(?:do|run|all|both)\s+)*(?:{PARALLEL}|at\s+once|together|both|all|in\s+any\s+order|(?:in\s+)?no\s+particular\s+order)[.!?\s]*$",
    _I,
)
ALL_APART: Final = re.compile(
    rf"^(?:(?:please|you\s+(?:can|may)|they|these|those|both|all(?:\s+(?:of\s+(?:these|them|it)|three|four))?|them|the\s+(?:two|three)|do|run|it|can|may|could|should|be|go|happen|done|made|work|two|three|everything)\s+)*"
    rf"(?:{PARALLEL}|at\s+once|in\s+any\s+order)[.!?\s]*$|^(?:the\s+)?order\s+(?:does\s*n[o']t|is\s+not)\s+(?:matter|important)[.!?\s]*$|"
    r"^(?:they|these|those|neither|none|no\s+need)\b.*\b(?:depend|wait)\b.*$",
    _I,
)
"""A sentence that only says that the others are independent."""
INDEPENDENT: Final = re.compile(
    r"[;,.]\s+(?:and\s+|but\s+)?(?:neither|none(?:\s+of\s+(?:them|these|those))?|they|these|those)\s+(?:(?:has|have|needs?|had)\s+to\s+|(?:do|does)\s+not\s+|need\s+not\s+)?(?:wait|depends?)\s+(?:for|on)\s+(?:(?:the|each|one)\s+)?(?:an)?other(?=\s*(?:[.;!]|$))",
    _I,
)
"""A clause that only says that steps do not wait for each other."""
TRAILING_FIRST: Final = re.compile(r"^(?P<what>.+?)\s+first[.!?\s]*$", _I | re.DOTALL)
TRAILING_THEN: Final = re.compile(
    r"[,\s]+(?:only\s+)?(?:afterwards?|after\s+(?:that|it|this|them|those|which)|(?<!day\s)(?<!week\s)(?<!month\s)(?<!year\s)after|thereafter|at\s+the\s+(?:very\s+)?end|(?<!still\s)(?<!will\s)(?<!would\s)(?<!they\s)(?<!it\s)last|next)[.!?\s]*$",
    _I,
)
ENDING_THEN: Final = re.compile(
    r"\s+(?:only\s+)?(?:afterwards?|after\s+(?:that|this))\s*(?:[;.]|,\s+(?:and|then|but)\b)", _I
)
"""A "then" at the end of its clause, another one behind it: "do A after that; then B"."""
INNER_THEN: Final = re.compile(
    r"(?<![,;.:])\s+(?:only\s+)?(?:afterwards?|after\s+(?:that|this)|thereafter)(?=\s+(?:for|to|with|by|in|at|as)\s+[^,;.:?!]*[.!?]?$)",
    _I,
)
"""A "then" inside its clause: "explain it afterwards for the board"."""
ASKS_WHETHER: Final = re.compile(
    r"(?:\b(?<!let\s)(?:know|tell(?:\s+(?:me|us))?|see|check|find\s+out|ask|verify|confirm|determine|say|wonder(?:ing)?|sure|test|look|figure\s+out|work\s+out|"
    r"decide|evaluate|assess|investigate|establish|clear|question)|\blet\s+(?:me|us)\s+know)\s*$",
    _I,
)
"""Words before an "if" that ask whether; "let the manager know if" is a condition."""
ASKED: Final = re.compile(
    r"^(?:(?:please|can\s+you|could\s+you|i|we|need|want|would\s+like|'d\s+like|to|first)\s+)*(?:check|see|find\s+out|tell\s+(?:me|us)|know|look|verify|confirm|determine|test|figure\s+out|establish)\s+(?:if|whether)\s+",
    _I,
)
"""Words before what is asked about."""
SOME: Final = re.compile(r"\b(?:some|any|there\s+(?:is|are)|it\s+(?:has|does)|they\s+(?:have|do))\b", _I)
"""Pointers that say that there is something, whatever was said of there being nothing."""
BARE_COMPARISON: Final = re.compile(
    r"^(?:(?:it|that|they|this)\s+)?(?:stays?|remains?|is|are|keeps?|falls?|comes?\s+out)?\s*(?P<op>below|under|less|lower|shorter|smaller|fewer|within|above|over|more|higher|longer|greater|larger|bigger)(?:\s+(?:that|this|it))?$",
    _I,
)
"""A comparison with the figure that was named before: "when it stays below"."""
ADJUNCT: Final = re.compile(
    r"^(?:for|at|in|on|among|of|by|within|over|during|as\s+for|as\s+to|regarding|concerning|per|with|about|under)\b", _I
)
"""What stands before its verb: "for those, find measures"."""
SO: Final = re.compile(
    r"^(?:so|yes|that(?:'s|\s+is)\s+(?:the\s+case|true|so)|it\s+(?:does|is|has|did|was)|they\s+(?:do|are|have|did|were)|there\s+(?:is|are)(?:\s+(?:any|some|one))?|any|that\s+happens|(?:it|they|there)\s+(?:has|have|does|do)\s+(?:have\s+)?(?:some|any)|some(?:\s+(?:are|is)\s+(?:found|there))?)$",
    _I,
)
"""Conditions that only point at the part before."""
PREMISE: Final = re.compile(
    r"^(?:let's\s+|please\s+)?(?:take|consider|assume|suppose|imagine|picture|say|think\s+of)\s+(?:that\s+)?(?:an?|the|our|this|we)\s(?=[^?]*(?:[$]\s?\d|\d\s*(?:k|million|dollars|usd)\b))(?!.*\b(?:and|then)\s+(?:tell|show|give|run|compute|calculate|work\s+out|design|draft|simulate)\b)",
    _I,
)
"""Figures of a thing that the wishes behind it are about: "take a retrofit at $480,000 that saves $96,000 a year"."""
EITHER_WAY: Final = re.compile(
    r"[,\s]+(?:either\s+way|in\s+(?:either|any|both|every)\s+cases?|regardless|no\s+matter\s+what|whatever\s+(?:the\s+outcome|comes\s+out|happens))$",
    _I,
)
"""What is done whether or not a condition holds."""
NOT_SO: Final = re.compile(
    r"^(?:not|(?:it|that|this|they|there|those|he|she|we)\s+(?:is|are|was|were|does|do|did|has|have|had|will|would|can|could)(?:\s+not|n'?t)|it\s+isn'?t)$",
    _I,
)
"""Conditions that only deny the one before: "when it does not"."""
REACHES: Final = re.compile(
    r"\b(?:above|below|exceeds?|over\s+[$\d]|under\s+[$\d]|drops?|falls?|rises?|reach(?:es)?|pass(?:es)?|tops?|hits?|goes|is\s+(?:high|low|late|overdue|negative|positive))\b",
    _I,
)
COMPARES: Final = re.compile(
    r"(?<![\w-])[$]?\d|\b(?:above|below|over|under|exceed\w*|more|less|higher|lower|at\s+least|drops?|rises?|finds?|found|fails?|shows?|negative|positive|any|no|none|"
    r"(?:is|are|was|were)\s+(?:not\s+)?\w+|overdue|expired|late|high|low|goes|comes|breach\w*)\b",
    _I,
)
PREDICATE: Final = re.compile(
    r"(?:please\s+)?(?:(?:is|are|was|were)\s+(?:not|also|still|now|just|only|already|been|being|due|supposed|likely|about|to|an?\s+\w+\s+(?:old|of)|\d|[a-z]+ed\b|[a-z]+ing\b)"
    r"|(?:will|would|can|could|should|does|did|may|might)\s+(?!(?:the|an?|our|my|its?|their|they|we|you|i|he|she|this|that|these|those|there|any|all|each|every|both|either|[A-Z]\w*|meters?|buildings?|customers?|projects?)\b|\S*\d)[a-z]+"
    r"|do\s+not\s+(?:want|care|like|know|have|need|wish|mind)\b|(?:has|had)\s+(?!(?:the|it|its|they|there|our|my|any|anyone|this|that|each|every|\w+-\d)\b)\w+|have\s+(?:an?\s+(?!look)|no\s|been\s|[$\d]))"
)
"""A predicate without its subject, which goes on with the sentence before it: ", is expected to save 5 %"."""
POLITE: Final = re.compile(
    r"^(?:(?:simply|hi|hey|hello|morning(?=\s*[,:!.])|good\s+(?:morning|afternoon)|ok(?:ay)?|so|well|please|pls|kindly|thanks|first(?:ly)?(?:\s+of\s+all)?|to\s+(?:start|begin)(?:\s+with)?|for\s+a\s+start|step\s+(?:one|1)|\(?\d\)|(?<!\d)1\.|and|but|now|again|ie|eg|that\s+is(?=\s*,))\b[,:]?\s+)+",
    _I,
)
DANGLING: Final = re.compile(r"[\s,]+(?:and|or|but|then)$", _I)


_NO_NOUN: Final = "".join(
    rf"(?<!\b{word})"
    for word in """the a an our its my we you i they could would should can may might will must no of to any their this that your each
    every some total latest monthly is are""".split()
)
BARE: Final = re.compile(
    rf"{_NO_NOUN}(?<!'d)(?<!'ll)(?<!'ve)(?<!'re)\s+(?=(?:please\s+)?{CLEAR_VERB}\s+\S|do\s+nothing\b|stop\b(?=\s*[,;.]|\s*$)|have\s+(?:it|them|that|those|the)\s|(?:do|should|will|would|can|must|shall)\s+(?:i|we|you)\s)",
    _I,
)
"""Where a condition is over and an order follows without a comma."""
SUPPOSED: Final = re.compile(r"(?:we|i|our|my|they|you|one|somebody)\s(?!.*\b(?:otherwise|else|then)\b)", _I)
"""What a question supposes: "... if our application goes in on May 3"."""
INSISTS: Final = re.compile(
    r"(?:the|our|my|their|his|her|an?)\s+\S+(?:\s+\S+){0,2}?\s+(?:will|would|can|won't|must|only|insists?|agree[sd]?|says?|said)\s",
    _I,
)
"""How somebody stands to the matter: "the bank will only talk to us when it returns 12 %"."""


def points_back(text: str) -> bool:
    """Whether the words only point at what came before: "that is done", "you have the results"."""
    return bool(_ANAPHORIC.match(text.strip(" ,")))
