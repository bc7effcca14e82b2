"""What a request may be wrapped in, and how days and money may be written, before clauses are read."""

from __future__ import annotations

from calendar import month_name
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.orchestration.intelligent.planners.clauses.one_way import in_one_way
from redaptive.orchestration.intelligent.planners.clauses.typing_errors import without_errors
from redaptive.orchestration.intelligent.planners.parts.prefaces import without_preface


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Hi team, audit DOC-4. Thanks!", "audit DOC-4."),
        ("Dear Sam,\naudit DOC-4. Best regards, Ravi", "audit DOC-4."),
        ("Good morning. It would be great if you could audit DOC-4.", "audit DOC-4."),
        ("I'd like you to audit DOC-4, and make sure to open a ticket", "audit DOC-4, and make sure to open a ticket"),
        ("1 July 2025 until 8 July 2025", "2025-07-01 until 2025-07-08"),
        ("June 1-15, 2025", "2025-06-01 to 2025-06-15"),
        ("from March 4 to May 31, 2024", "from 2024-03-04 to 2024-05-31"),
        ("December 20 to January 5, 2025", "2024-12-20 to 2025-01-05"),
        ("Aug. 14, 2025 from 16:00", "2025-08-14 from 16:00"),
        ("the 3rd of May 2025", "2025-05-03"),
        ("480000 up front, $71000 a year", "480,000 up front, $71,000 a year"),
    ],
)
def test_ways_of_writing_become_one(written: str, plain: str) -> None:
    assert in_one_way(written) == plain


@pytest.mark.parametrize(
    "text",
    [
        "June 31, 2025",
        "text 'Hi team, thanks' to Kim",
        "send a note saying thanks",
        "ZIP 60600",
        "meter 481200",
        "What is the load on May 5?",
        "M-1200 and 1,200 hours",
        "the month of May 2025",
    ],
)
def test_what_is_meant_as_written_stays(text: str) -> None:
    assert in_one_way(text) == text


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.sampled_from(
        ("{m} {d}, {y}", "{d} {m} {y}", "{m} {d} {y}", "the {d} of {m}, {y}", "{short} {d}, {y}", "{m} {d}th, {y}")
    ),
)
def test_every_day_is_the_same_day_in_any_form(day: date, form: str) -> None:
    month = month_name[day.month]
    written = form.format(m=month, short=month[:3] + ".", d=day.day, y=day.year)
    assert in_one_way(f"audit of {written}") == f"audit of {day.isoformat()}"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Co", "Cn")), max_size=80))
def test_a_text_written_in_one_way_is_left_alone(text: str) -> None:
    once = in_one_way(text)
    assert in_one_way(once) == in_one_way(in_one_way(once))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("The board meets on Thursday and I want to be prepared. Now the same for Boston.", "Now the same for Boston."),
        ("We had a long discussion this morning. Forecast M-1.", "Forecast M-1."),
    ],
)
def test_a_preface_is_left_out(text: str, rest: str) -> None:
    assert without_preface(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "The board meets on Thursday.",
        "The load shape of M-4. Then its bill.",
        "The tenants of Willow Plaza are cold. What is wrong?",
        "Our chiller trips at night. Diagnose it.",
        "Benchmark our stores. List the worst.",
        "We never approve that. Reject it.",
    ],
)
def test_a_sentence_that_may_matter_stays(text: str) -> None:
    assert without_preface(text) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Exlpain the degradatoin", "Explain the degradation"),
        ("forcast it, indpendently audit the invocie", "forecast it, independently audit the invoice"),
        ("as a procurment probelm", "as a procurement problem"),
    ],
)
def test_slips_become_the_word_of_the_trade(written: str, meant: str) -> None:
    assert without_errors(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "invent a bogus modem; it degrades, a redaction of warts",
        "under the template temlpate",
        "text 'the invocie' to on_call_enginer",
        "mail facilty@acme.example about forcast.csv",
        "Ravi Inovice and DOC-temlpate",
    ],
)
def test_other_words_names_and_quotes_stay(text: str) -> None:
    assert without_errors(text) == text
