"""Beginnings of a clause that leave no doubt about the tool, where a few words say too little to a classifier."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

_WHO: Final = (
    r"(?:managers?|engineers?|customers?|clients?|cfo|ceo|coo|team|owners?|controller|technicians?|techs?|landlord|tenants?|director|"
    r"officers?|contractor|lead|desk|department|crew|staff|board|accountant|accounting|finance|procurement|operator|people)"
)
_ALL: Final = r"(?:it|that|this|them|these|those|everything|all|both|the\s+(?:results?|findings?|outcomes?|numbers|figures|whole(?:\s+thing)?))"
MANY_TIMES: Final = r"(?<![\d,])(?:\d{1,3}(?:,\d{3})+|\d{4,}|\d+\s?k)\s+times\b"
"""How often chance is drawn."""
_TELLING: Final = (
    rf"(?:word|phrase)\s+{_ALL}\s+(?:nicely|kindly|politely|simply|plainly|well|properly|for\b)|explain\s+the\s+(?:bill|invoice|result|outcome)\s+to\s+(?:me|us|them|him|her|the\s+\w+)\b|(?:explain|interpret)\s+(?:{_ALL}\b|(?:me|us|to\s+(?:me|us|the\s+\w+))\b|when\b|what\b|which\b|whether\b|in\b)(?!.*\b(?:bill|invoice)\b)|(?:say|put|tell\s+(?:me|us)|describe|state)\s+(?:{_ALL}\s+)?in\s+(?:plain|simple|a\s+few|one|two|everyday|lay)\b|"
    rf"(?:write|sum|wrap)\s+{_ALL}\s+up\b(?!\s*:)|(?:sum|wrap)\s+up\b(?!.*\b(?:usage|use|consumption|by)\b)(?!\s*:)|(?:summari[sz]e|recap|condense|digest)\s+{_ALL}\b|(?:give\s+(?:me|us)\s+)?(?:a|one)\s+(?:short\s+|brief\s+|plain\s+)?(?:paragraph|sentence|summary\s+in\s+words)\b|"
    rf"(?:turn|put|make)\s+{_ALL}\s+into\s+(?:an?\s+|one\s+)?(?:\w+\s+)?(?:answer|words|plain|few|explanation|paragraph|summary|sentences?)|answer\b|(?:tell|give|write|explain|describe|say|put|draft)\b.{{0,30}}\bin\s+(?:an?\s+|one\s+|two\s+|a\s+few\s+)?(?:short\s+|brief\s+|few\s+|plain\s+)?(?:paragraphs?|sentences?)\b|(?:write|draft|prepare|give)\s+(?:me\s+|us\s+|(?:the|our)\s+\w+\s+)?(?:\w+\s+){{0,3}}(?:explanation|paragraph|wording|narrative|sentences?|answer|reply)\b|(?:summari[sz]e|explain|describe|tell)\b.*\bin\s+(?:your\s+own\s+|a\s+few\s+|plain\s+|simple\s+)?words\b|(?:write|give|make|prepare|produce)\s+.*\bin\s+(?:plain|simple)\s+(?:words|english|language|terms)\b|tell\s+(?:me|us)\s+what\s+{_ALL}\s+(?:means?|is|are)\b|"
    rf"(?:word|phrase|formulate|compose|sum\s+up|condense|boil\s+down|paraphrase|recap|summari[sz]e)\s.{{0,60}}\b(?:in|into|to)\s+(?:an?\s+|one\s+|two\s+|three\s+|a\s+few\s+|\d\s+)?(?:\w+\s+)?(?:paragraphs?|sentences?|lines?|words?|bullets?|english|language|terms)\b|"
    rf"(?:write|draft|prepare|give|make|do)\s+(?:me\s+|us\s+)?(?:an?\s+|the\s+|one\s+)?(?:\w+[\s-]+){{0,2}}summary(?:\s+of\s+{_ALL})?(?:\s+(?:for|to)\s+(?:the|our|my)\s+(?:\w+\s+){{0,2}}\w+)?$"
)
CERTAIN: Final = (
    ("customer-experience.notify", rf"(?:text|sms|e-?mail|mail|message|notify|inform|ping|page|tell)\s+(?:the\s+|our\s+|my\s+)?(?:[a-z]+_\w+|\S+@\S+|(?:\w+\s+){{0,2}}{_WHO})\s+(?:about|of|on|regarding)\s+(?:that|this|the|it)(?:\s+new)?(?:\s+(?:ticket|case|work\s+order))?\b"),
    ("customer-experience.notify", rf"(?:text|sms|e-?mail|mail|message)\s+(?:the\s+|our\s+)?(?:[a-z]+_\w+|\S+@\S+|(?:\w+\s+){{0,2}}{_WHO})\s+(?:the|that|its|this)\s+(?:new\s+)?(?:ticket|case|result|outcome|number|figure)s?\b"),
    ("customer-experience.notify", rf"(?:text|sms|e-?mail|mail|message|notify)\s+(?:the\s+|our\s+)?(?:[a-z]+_\w+|\S+@\S+|(?:\w+\s+){{0,2}}{_WHO})\s+(?:with|using|by|via)\s+(?:the\s+)?(?:template\s+\w+|\w+\s+template)\b"),
    ("customer-experience.sla_status", r"(?:have|did|do|are|were|has)\s+(?:we|you|they)\s+(?:\w+\s+)?(?:kept?|met|meet|held|hold|missed|broken|breached|within|inside)\s+(?:to\s+)?(?:the\s+|our\s+|their\s+)?(?:slas?|service[\s-]levels?)\b"),
    ("energy-monitoring.validate_estimate_edit", r"(?:write|store|save|book|keep|put|apply|commit)\s+(?:(?:the|those|these|its|all|such|marked)\s+){0,3}estimate[sd]?\b"),
    ("energy-monitoring.ingest_readings", r"(?:ingest|load|import)\s+(?:them|those|these|it|the\s+(?:parsed\s+)?(?:readings|intervals|values|result))(?:\s+(?:in|too|as\s+well|into\s+(?:the|our)\s+\w+))?$"),
    ("customer-experience.create_or_update_ticket", r"comment\s+(?:on|in|to|under)\s+(?:the\s+|that\s+|our\s+)?(?:ticket|case|work\s+order)\b|(?:add|leave|put|write)\s+(?:an?\s+)?(?:short\s+)?(?:comment|note|remark)\s+(?:on|in|to|under)\s+(?:the\s+|that\s+)?(?:ticket|case|work\s+order)\b"),
    ("project-implementation.track_permits", r"(?:(?:tell|show)\s+(?:me|us)|see|check|find\s+out|say|look\s+up)?\s*(?:how|where)\s+(?:do\s+)?(?:the|its|their|all)\s+permits\b[^.;]*\b(?:stand|are|look|get\s+on|do)\b"),
    ("market-intelligence.get_tariffs", r"(?:(?:get|show(?:\s+me)?|find|list|give\s+me)\s+)?(?:the\s+|all\s+)?(?:electric(?:ity)?\s+|power\s+|utility\s+)?(?:rates|tariffs)\s+(?:that|which)\s+(?:apply|hold|are\s+(?:valid|in\s+force|offered))\b"),
    ("customer-experience.notify", r"(?:post|publish|put)\s+(?!.*\btickets?\b).*\b(?:on|to|in|via)\s+(?:the\s+|our\s+)?(?:\w+\s+)?portal\b"),
    ("customer-experience.notify", r"(?!.*\btickets?\b).*\b(?:by|via|per|through)\s+(?:text|sms|e-?mail|mail|webhook|portal|the\s+portal|text\s+message)\b"),
    ("customer-experience.notify", r"[a-z]+(?:\s+[a-z]+){0,2}:\s+(?:an?\s+)?(?:sms|e-?mail|text|message)\s+to\b"),
    ("customer-experience.notify", rf"(?:tell|warn|alert|let|call|brief|update|ask)\s+(?:the|our|my|their)\s+(?:[\w-]+\s+){{0,3}}{_WHO}\b"),
    ("customer-experience.notify", r"(?:text|sms|e-?mail|mail|message|notify|inform|ping|page|remind)\s+(?!.*\btickets?\b)\S+|let\s+(?!(?:me|us)\s+know\s+(?:whether|how|what|which)\b).+\s+know\b|send\s+(?:an?\s+)?(?:\w+\s+)?(?:sms|e-?mail|text|message|note|heads[\s-]up)\b|(?:(?:i|we)\s+(?:want|need|would\s+like)\s+)?(?:an?|one|the)\s+(?:\w+\s+)?(?:e-?mail|mail|text\s+message|text|sms|message|note|notification)\b(?!.*\btickets?\b).*\bto\s+\S+|(?:send|mail|forward)\s+(?:it|that|this|them|the\s+results?)\s+to\b"),
    ("customer-experience.notify", r"(?:tell|warn|alert|brief|update|write)\s+(?:to\s+)?\S+@\S+"),
    ("energy-monitoring.raise_or_acknowledge_alert", r"(?:raise|open|create|trigger|acknowledge|resolve|snooze|issue|log|set\s+off)\s+(?:an?\s+|the\s+|that\s+)?(?:new\s+|monitoring\s+|separate\s+)?(?:alert|alarm)s?\b"),
    ("portfolio-intelligence.analyze_portfolio_usage", r"(?:the\s+|our\s+)?(?:energy\s+|portfolio\s+|total\s+)?(?:usage|use|consumption)\s+(?:by|per)\s+(?:customer|client|state|site|building|sector|industry|climate|type)"),
    ("energy-finance.calculate_bill", r"(?:re-?)?(?:compute|calculate|calc)\s+(?:the\s+)?(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+20\d\d|20\d\d-\d\d)\s+(?:for|of|on)\s+(?:meter\s+)?\S*\d"),
    ("equipment-performance.degradation_trend", r"how\s+(?:badly|fast|quickly|much|far)\s+(?:is|are|has|have|does|did)\b.*(?-i:[A-Z]{2,}-?\w*\d).*\b(?:wear\w*|worn|degrad\w+|declin\w+|deteriorat\w+|ag(?:e)?ing|getting\s+worse)\b"),
    ("customer-experience.sla_status", r"(?:(?:see|look\s+(?:at|into|up)|review|examine|inspect|pull(?:\s+up)?|bring\s+(?:me|us)|check|show(?:\s+me)?|get|tell\s+me|find\s+out|look\s+up|what(?:'s|\s+is)|give\s+me)\s+(?:\w+\s+){0,3})?(?:the\s+|their\s+|its\s+|(?:that\s+|the\s+)?[\w-]+'s\s+|status\s+of\s+(?:the\s+)?)?(?:slas?|service[\s-]levels?)\b"),
    ("customer-experience.create_or_update_ticket", r"(?:open|create|log|raise|file|close|reopen|make|submit|start)\s+(?:an?\s+|the\s+|one\s+)?(?:(?!alert|alarm)[\w-]+\s+){0,2}(?:ticket|work\s+order|case)s?\b"),
    ("customer-experience.create_or_update_ticket", r"(?:(?:i|we)\s+(?:want|need|would\s+like)\s+)?(?:an?|one)\s+(?:\w+\s+)?(?:ticket|work\s+order)\s+(?:for|with|to|about|at|on)\b"),
    ("document-processing.validate_and_audit_bill", r"(?:is|was|are|were)\s+(?:the\s+|our\s+|that\s+)?(?:[\w']+\s+){0,3}(?:bill|invoice)\s+(?:in\s+)?\S*\d\S*\s+(?:plausible|correct|right|accurate|wrong|ok(?:ay)?|in\s+order|overcharged|fair|justified)\b|(?:(?:run|do|perform|make|carry\s+out)\s+)?(?:the|an)\s+(?:bill\s+|invoice\s+)?audit(?:\s+(?:of|on)\s+(?:it|that|this|them))?$|(?:the|an)\s+audit\s+of\s+(?:the\s+)?(?:bill\s+|invoice\s+)?(?:DOC|BILL|INV)-?\S*\d|audit\s+(?:(?:bill\s+|invoice\s+)?[A-Z]{1,5}-?\d|it\b|them\b|each\s+of|both\b|(?:the\s+(?:two|three|four|pair)|those|these)\b|the\s+(?:\w+\s+){0,2}(?:bill|invoice)|that\s+bill|this\s+bill|bill|invoice|what(?:ever)?\s+(?:it|that|they|you|we|was)\b)"),
    ("document-processing.parse_edi", r"(?:[\w'-]+\s+){0,3}edi\b.*\b(?-i:DOC|FILE|EDI)-?\d"),
    ("energy-finance.simulate_risk", r"(?:.*\bP10\b.*\bP90\b|simulate\b|(?=.*\$).*?" + MANY_TIMES + r"|(?:run|do|make|draw|take|with)\s+[\d,.]+\s*k?\s+(?:draws|simulations|iterations|scenarios|trials|paths)\b|(?:run|do|make)\s+(?:an?\s+|the\s+)?monte\s+carlo|monte\s+carlo|how\s+(?:risky|likely)\s+(?!.*\b(?:fail|break|die|outage)\w*)(?:is|are|would|do|does|will)\b(?=.*(?:\$|\d|\blos|\binvest|\bproject|\bretrofit))|(?:the\s+)?(?:chance|probability|odds|likelihood|risk)\s+of\s+(?:a\s+)?(?:loss|losing)|what(?:'s|\s+is|\s+are)\s+the\s+(?:chances?|probability|odds|likelihood|risk)\s+(?:that|of)\b.*\b(?:los(?:e|es|s|ing)|negative|under\s?water|not\s+pay\w*)\b)"),
    ("portfolio-intelligence.rank_and_summarize_portfolio", r"rank\s+(?:the\s+|our\s+|all\s+)?(?:portfolio|everything|buildings|stores)\b(?=.*(?:\$|\bdollars|\bbudget|\bmillion|\d\s*[kM]\b))"),
    ("energy-finance.compare_tariffs", r"(?:(?:run|do|make|get|show)\s+)?(?:an?|the)\s+(?:rate|tariff)\s+compari?s[io]+n\b"),
    ("energy-finance.select_projects", r"(?:choose|pick|select)\s[^.;]*\b(?:from|among|between|out\s+of)\s+(?:the\s+)?(?:projects?\s+|candidates?\s+)?(?-i:PRJ|PROJ|P)-?\d"),
    ("energy-finance.compare_tariffs", r"compare\s+(?:the\s+|all\s+)?(?:tariffs|rates|rate\s+options)\b"),
    ("energy-monitoring.forecast_load", r"forecast\s+(?:the\s+)?(?:\w+\s+)?(?:load|demand|use|usage|consumption|meter)\b"),
    ("energy-monitoring.detect_anomalies", r"(?:detect|find|look\s+for|scan\s+for|check\s+for)\s+(?:\w+\s+)?anomal|(?:(?:run|do|start|make)\s+)?(?:the\s+|an\s+)?(?:results?\s+of\s+the\s+)?anomaly\s+(?:search|scan|check|detection|hunt)\b"),
    ("portfolio-intelligence.find_opportunities", r"find\s+(?:\w+\s+){0,2}(?:opportunities|savings\s+measures|savings(?=\s*(?:$|there|in|at|for|this)))\b|(?:savings?\s+)?(?:opportunities|opps)\b"),
    ("equipment-performance.cost_of_fault", r"(?:(?:assess|tell\s+(?:me|us)|say|see|find\s+out|determine|check|calculate|estimate|show(?:\s+me)?)\s+)?(?:what|how\s+much)\s+(?:do\s+|does\s+|would\s+)?(?:the|its|those|these|each|every|any|that|\S+'s)?\s*faults?\b.{0,40}?\bcosts?\b|(?:calculate|compute|work\s+out|estimate|determine|get|give\s+me)\s+the\s+costs?\s+of\s+(?:its|their|the|those|these|each|every|all|any)\s+(?:\w+\s+)?faults?\b|(?:price|cost|quantify)\s+(?:each|every|the|those|that|all|them)(?:\s+of\s+(?:the|those|them))?\s*(?:\w+\s+)?(?:faults?\b|$)|(?:price|cost|quantify)\s+(?!\w+\s+as\b)(?:it|them|the\s+lot|everything|whatever|what(?:ever)?\s+(?:it|you|comes?|they|turns?|shows?|(?:is|was|goes|looks)\s+(?:wrong|broken|faulty|amiss|off))|all)\b|(?:price|cost)\s+\S+'s\s+faults?\b|put\s+(?:an?\s+)?(?:price|figure|dollar\s+figure|cost)\s+on\b"),
    ("document-processing.extract_utility_bill", r"(?:extract|read|pull)\s+(?:(?:the\s+)?data\s+(?:from|of|in)\s+)?(?:DOC|BILL|INV)-?\d+$"),
    ("document-processing.extract_utility_bill", r"(?:extract|read|open|pull)\s+(?:out\s+)?(?:(?:the\s+)?(?:data|figures|numbers|contents?)\s+(?:from|of|in)\s+)?(?:(?:the|both|our|these|those|utility|electric(?:ity)?|gas|water|power)\s+){0,2}(?:bills?|invoices?)\s+(?:(?:in|from|of|on)\s+)?(?-i:[A-Z]{2,5})-?\d"),
    ("document-processing.extract_utility_bill", r"(?:the\s+)?(?:(?:electric(?:ity)?|gas|power|water|utility)\s+)?(?:bill|invoice)\s+(?:(?:in|from)\s+)?(?:DOC|BILL|INV)\S*\s+(?:is|was|exceeds|tops|totals|amounts|comes|goes)\b(?!\s+(?:wrong|correct|right|overcharged|in\s+order))"),
    ("document-processing.classify_document", r"classify(?:ing)?\b|(?:see|check|find\s+out|tell\s+me|determine|look)\s+(?:if|whether)\s+\S+\s+is\s+(?:an?|the)\s.*\b(?:file|bill|report|certificate|document|invoice)\b|is\s+\S*\d\S*\s+(?:really\s+)?an?\s.*\b(?:file|bill|report|certificate|document|invoice|message)\b"),
    ("portfolio-intelligence.benchmark_buildings", r"benchmark(?:ing)?\b|(?!.*\b(?:bill|tariff|inventory)\b).*\b(?:ll-?\s?97|local\s+law\s+97)\s+(?:penalt\w+|limits?|fines?|caps?|exposure|complian\w+)\b|(?!.*\b(?:bill|tariff|inventory)\b).*\b(?:against|vs\.?|versus|compared?\s+(?:to|with))\s+(?:its\s+|their\s+|the\s+|our\s+)?(?:cbecs|ll-?\s?97|local\s+law\s+97|bps|peers?|energy\s+star|national\s+median)\b"),
    ("equipment-performance.recommend_maintenance", r"recommend\s+(?:the\s+)?maintenance\b|(?:make|give|prepare|draw\s+up|create|build|get)\s+(?:me\s+|us\s+)?(?:an?\s+|the\s+)?(?:ranked\s+|prioriti[sz]ed\s+)?(?:work|maintenance|repair|job)\s+(?:list|plan)\b|(?!.*\btickets?\b).*\b(?:work|maintenance|repair)\s+list\b"),
    ("project-implementation.commissioning_checklist", r"(?:make|create|draw\s+up|prepare|generate|give\s+(?:me|us)|print|show(?:\s+me)?|get(?:\s+me)?|list|write|need)?\s*(?:an?\s+|the\s+)?(?:com{1,2}is{1,2}ion{1,2}ing|cx)\s+(?:check\s?lists?|tests)\b"),
    ("project-implementation.labor_saved", r"(?:.{0,20}?\b)?(?:the\s+)?(?:labou?r\s+|work(?:ing)?[\s-]+)?hours\s+(?:that\s+|which\s+)?(?:the\s+|our\s+)?(?:automation|software|platform|robots?|system|it)\s+(?:has\s+)?(?:saved|spared)\b|how\s+many\s+(?:\w+\s+)?hours\s+(?:has|did|have)\s+(?:the\s+|our\s+)?(?:automation|platform|system)\s+(?:saved?|spared?)\b"),
    ("energy-monitoring.peak_alert", r"(?:(?:tell\s+me|see|check|find\s+out|say|know)\s+(?:if|whether)\s+)?(?:is|are|will|does|do|can)?\s*(?!.*\b(?:ticket|bill\s+of|shape)\b)[^.;?]*\b(?:monthly|billing|month's|demand)\s+(?:billing\s+|demand\s+)?peak\b[^.;?]*\b(?:about\s+to|going\s+to|gonna|set\s+to|likely\s+to|will)\b"),
    ("energy-monitoring.peak_alert", r"(?:is|are|will|does|do|can)\s[^.;?]*\b(?:beat|top|exceed|break|set|raise|pass|go\s+above|go\s+over|overtake)\s+(?:its|the|their|a\s+new|this\s+month's|the\s+month's)\s+(?:current\s+|present\s+|monthly\s+|own\s+|new\s+)*(?:billing\s+|monthly\s+|demand\s+)*peak\b"),
    ("project-implementation.manage_change_order", r"(?:log|record|enter|book|register|file|propose|request)\s+(?:an?\s+|the\s+)?(?:delay|extension|slip(?:page)?|time\s+extension)\s+of\s+(?:\d+|\w+)\s+(?:working\s+|business\s+|calendar\s+)?(?:days?|weeks?)\s+(?:on|for|to|at|in)\s+(?:project\s+)?(?-i:[A-Z]{1,5}-\S*\d)"),
    ("portfolio-intelligence.find_opportunities", r"(?:screen|scan|comb|search|check)\s+(?!.*\b(?:faults?|anomal\w+)\b)[^.;?!]{2,60}?\s+for\s+(?:energy\s+|efficiency\s+|savings?\s+|possible\s+)*(?:measures|opportunities|savings)\b"),
    ("project-implementation.manage_change_order", r"(?:propose|approve|reject|withdraw)\s+.*\b(?:change\s+(?:orders?|requests?)|(?:more|extra|additional)\s+days?|CO-?\d)"),
    ("energy-finance.project_cashflow", r"(?:give\s+(?:me|us)|what(?:'s|s|\s+is)|tell\s+(?:me|us)|find\s+out|determine|compute|calculate|calc|work\s+out|get|show(?:\s+me)?|run|see|do)?\s*(?:the\s+|its\s+|an?\s+)?(?:npv|irr|payback|roi|net\s+present\s+value|cash[\s-]?flows?)(?:\s+(?:of|for|on|and|over|with|at|each)\b|\s*[?.(]|$)"),
    ("market-intelligence.dr_event_optimize", r"(?!.*\b(?:bill|tariff)\b).*\b(?:caiso\s+10|nyiso\s+5|pjm\s+4)[\s-]?(?:of|in)[\s-]?(?:10|5)\b(?=.*\d:?\d)"),
    ("energy-monitoring.validate_estimate_edit", r"(?:guess|estimate|fill(?:\s+in)?|interpolate|patch)\s+(?:in\s+)?(?:the|its|their|those|any)\s+(?:\w+\s+)?(?:gaps?|holes?)\b"),
    ("portfolio-intelligence.weather_normalize", r"(?!.*\bforecast).*\b(?:with|without|take|net\s+of)\s+(?:out\s+)?the\s+weather(?:\s+(?:taken|filtered|factored|left|stripped|cleaned))?\s+out\b"),
    ("customer-experience.answer_question", _TELLING),
)  # fmt: skip
NOTHING: Final = re.compile(
    r"^(?:just\s+|simply\s+|please\s+)?(?:(?:do\s+not|don't|dont|never)\s+(?!forget|hesitate|miss|worry)\w+\s+(?:anything|anyone|anybody|any\s+of\s+\w+)\b.*|(?:do\s+not|don't|dont|never)\s+(?!forget|hesitate|miss)(?:e-?mail|mail|text|notify|tell|inform|bother|alert|send|open|raise|create|file|change|write)\b.*|i\s+(?:do\s*n[o']t|don't)\s+(?:need|want)\s+(?:a\s+thing|anything|any\s+more|more|the\s+rest)|we(?:'re|\s+are)\s+(?:done|fine|good)|(?:do|there(?:'s|\s+is))\s+nothing|nothing(?:\s+(?:more|else|to\s+do|at\s+all))?|(?:neither|none)(?:\s+of\s+(?:them|those|these|it|that|the\s+two))?|"
    r"(?!get\b|find\b|see\b)[a-z-]+\s+(?:nobody|no\s?one|nothing)\b.*|no\s+(?:(?!more\b|less\b|later\b|fewer\b)[a-z]+\s+){0,2}(?:message|ticket|alert|alarm|e-?mail|mail|text|sms|note|report|contract|work\s+order|need|change|step)s?|(?:nobody|no\s?one|nothing)\s+(?:needs?|has|should|must|is|gets)\b.*|leave\s+(?:it|everything|everybody|everyone|things|them|him|her)(?:\s+(?:in\s+peace|at\s+peace))?(?:\s+(?:alone|as\s+(?:it|they)\s+(?:is|are)|be|there|at\s+that))?|stop(?:\s+(?:there|here|it))?|skip\s+(?:it|that|the\s+rest)|(?:skip|forget(?:\s+about)?|never\s+mind|ignore|leave(?:\s+out)?)\s+(?:the|that)\s+[a-z][a-z\s-]{1,40}(?:\s+(?:out|aside))?|ignore\s+it|forget\s+(?:it|about\s+it)|no\s+action(?:\s+needed)?|"
    r"do\s*n[o']t\s+(?:bother|do\s+anything)|don't\s+(?:bother|do\s+anything)|that(?:'s|\s+is)\s+(?:it|all|enough)|(?:that's\s+)?fine|(?:all\s+)?good|great|perfect|ok(?:ay)?|end\s+(?:there|here)|no\s+need(?:\s+for\s+anything)?|thanks?(?:\s+you)?|thank\s+you|go\s+(?:on|ahead)|proceed|continue)(?:\s+(?:then|else|more|further|yet|for\s+now))?$",
    re.IGNORECASE,
)
"""Clauses that ask for nothing."""
CONSENT: Final = re.compile(r"^ask\s+first$", re.IGNORECASE)
"""A clause that only asks for a say before something is done."""


_ADVERBS: Final = re.compile(
    r"^(?:(?:just|simply|please|also|then|kindly|only)\s+)*(?:(?:for\s+[^,;.?!]{3,40}?,?\s+)?(?:i|we)(?:\s+(?:merely|just|only|really|also))?\s+(?:need|want|would\s+like|require)\s+(?:to\s+(?:have|get|see|know)\s+)?)?",
    re.IGNORECASE,
)

_CERTAIN: Final = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in CERTAIN)


def certain(text: str) -> str | None:
    """The tool that the beginning of a text names without doubt; None when it names none."""
    plain = _ADVERBS.sub("", text)
    return next((name for name, words in _CERTAIN if words.match(plain)), None)


_MESSAGE: Final = re.compile(
    r"(?:please\s+|can\s+you\s+|could\s+you\s+)?(?:shoot|drop|fire\s+off|write|send|dash\s+off)\s+(?:\S+\s+)?(?:an?\s+)?(?:quick\s+|short\s+)?(?:sms|e-?mail|text|message|note|line)\b\s+(?:to|telling|saying|that|about)\b"
    rf"|(?:please\s+)?(?:page|ping|text|e-?mail)\s+(?:the|our|my)\s+(?:[\w-]+\s+){{0,2}}{_WHO}\b",
    re.IGNORECASE,
)


def message(text: str) -> str | None:
    """The tool for messages, where a sentence begins by ordering one."""
    return "customer-experience.notify" if _MESSAGE.match(text) else None
