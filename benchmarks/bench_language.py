"""Latency of understanding a sentence on one core: encoder, classification, entities, names; and scikit-learn's scores.

    python benchmarks/bench_language.py [--sentences 400]

Prints p50, p95 and p99 in milliseconds, of wall time and of the process's own CPU time: on a busy machine the second
is what the code costs. The peer in the same run is scikit-learn's vectoriser over the same terms.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files

import numpy as np

from redaptive.orchestration.context.understanding import Reader
from redaptive.orchestration.intelligent.matchers.encoder import packaged_encoder
from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.names import Name, NameIndex
from redaptive.orchestration.intelligent.matchers.entities.reading import read_entities
from redaptive.orchestration.intelligent.matchers.intent_model import packaged_model
from redaptive.orchestration.intelligent.matchers.ngrams import plain
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.sample.portfolio import build_portfolio


def main() -> None:
    """Runs the bench and prints its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sentences", type=int, default=400)
    wanted = parser.parse_args().sentences
    texts, calendar, index = sentences(wanted), Calendar(datetime(2026, 11, 26, 10)), portfolio_names()
    lexical = NluMatcher(packaged_model(embeddings=False))
    print(
        f"{len(texts)} sentences of {np.mean([len(t.split()) for t in texts]):.1f} words on average, one BLAS thread\n"
    )
    print(f"{'what':52} {'wall p50':>9} {'p95':>7} {'p99':>7}   {'cpu p50':>8} {'p99':>7}  ms")
    show("typing errors corrected", lexical.model.speller.corrected, texts)
    show("term weights and scores", lexical.model.lexical.logits, texts)
    show("scikit-learn, the same terms (peer)", sklearn_scores(lexical), texts)
    show("classify without embeddings", lexical.classify, texts)
    encoder = packaged_encoder()
    if encoder is None:
        print("sentence encoder: not installed (extra `embeddings`)")
    else:
        hybrid = NluMatcher(packaged_model())
        show("sentence encoder, all six layers", lambda text: encoder.encode([text]), texts)
        show("classify with embeddings", hybrid.classify, texts)
        show("intent, entities and names together", Reader(hybrid, calendar, index).read, texts)
    show("entities without names", lambda text: read_entities(text, calendar), texts)
    show("entities with 480 buildings and 12,000 meters", lambda text: read_entities(text, calendar, index), texts)


def show(what: str, work: Callable[[str], object], texts: list[str]) -> None:
    """Runs `work` on every text after a warm-up and prints one line."""
    for text in texts[:20]:
        work(text)
    wall, cpu = [], []
    for text in texts:
        started, used = time.perf_counter(), time.process_time()
        work(text)
        cpu.append((time.process_time() - used) * 1e3)
        wall.append((time.perf_counter() - started) * 1e3)
    w, c = np.percentile(wall, [50, 95, 99]), np.percentile(cpu, [50, 99])
    print(f"{what:52} {w[0]:9.2f} {w[1]:7.2f} {w[2]:7.2f}   {c[0]:8.2f} {c[1]:7.2f}")


def sklearn_scores(matcher: NluMatcher) -> Callable[[str], object]:
    """scikit-learn's transformation over our vocabularies, and the product with our weights."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    lexical = matcher.model.lexical
    parts = []
    for name, block, options in (
        ("words", lexical.terms.words, {"ngram_range": (1, 2)}),
        ("letters", lexical.terms.letters, {"analyzer": "char_wb", "ngram_range": (3, 5)}),
    ):
        vectorizer = TfidfVectorizer(preprocessor=plain, sublinear_tf=True, vocabulary=dict(block.columns), **options)
        vectorizer.fit([""])
        vectorizer.idf_ = block.idf
        parts.append((name, vectorizer))
    union = FeatureUnion(parts)
    weights, bias = lexical.head.weights, lexical.head.bias
    return lambda text: union.transform([text]) @ weights + bias


def sentences(wanted: int) -> list[str]:
    """Training utterances, evenly over all intents: only their length matters here."""
    folder = files("redaptive.reference").joinpath("language", "utterances")
    lines = [
        line
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        for line in entry.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    return lines[:: max(1, len(lines) // wanted)][:wanted]


def portfolio_names() -> NameIndex:
    """The names of the sample portfolio of a large company."""
    sample = build_portfolio("f500")
    names = [Name("building", b.code, b.name) for b in sample.buildings]
    names += [Name("site", s.code, s.name) for s in sample.sites]
    names += [Name("customer", c.code, c.name) for c in sample.customers]
    return NameIndex([*names, *(Name("meter", m.code) for m in sample.meters)])


if __name__ == "__main__":
    main()
