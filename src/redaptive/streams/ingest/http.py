"""Readings over HTTP: `POST /v1/readings` answers 202 when the readings are durable, with each refused row's reason."""

from __future__ import annotations

import math
import secrets
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from redaptive.errors import Exhausted, RedaptiveError, Unavailable
from redaptive.streams.ingest.admission import Admission, Receipt, Submission
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.registration import Sender, TokenCheck
from redaptive.streams.ingest.senml import decode_senml
from redaptive.streams.ingest.tables import decode_arrow, decode_csv, decode_ndjson

MAX_BODY_BYTES: Final = 16_000_000
LISTED: Final = 1_000
"""Refused rows beyond it are counted in the answer, and all are kept."""
REMEMBERED_ANSWERS: Final = 10_000
PROBLEM: Final = "application/problem+json"
_TITLES: Final = {
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    503: "Service Unavailable",
}
_UNKNOWN: Final = (
    "No gateway has this token. Send it as `Authorization: Bearer ...`; `redaptive gateway register` prints a new one."
)
Decode = Callable[[bytes], list[Message]]
MEDIA_TYPES: Final[dict[str, Decode]] = {
    "application/json": lambda body: [decode_json(body)],
    "application/senml+json": lambda body: [decode_senml(body, time.time_ns() // 1000)],
    "application/x-ndjson": decode_ndjson,
    "text/csv": decode_csv,
    "application/vnd.apache.arrow.stream": decode_arrow,
}


class ReadingsEndpoint:
    """Takes bodies of one registered gateway each, which its bearer token names."""

    def __init__(self, admission: Admission, tokens: TokenCheck) -> None:
        self._admission = admission
        self._tokens = tokens
        self._answers: OrderedDict[tuple[Sender, str], tuple[int, dict[str, object]]] = OrderedDict()

    async def post(self, request: Request) -> Response:
        """The answer to one POST."""
        sender = await self._sender(request)
        if sender is None:
            return problem(401, _UNKNOWN, headers={"WWW-Authenticate": "Bearer"})
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        decode = MEDIA_TYPES.get(media_type)
        packed = request.headers.get("content-encoding", "identity").strip().lower()
        if decode is None or packed not in ("identity", "gzip"):
            return problem(415, f"Send one of: {', '.join(MEDIA_TYPES)}; as it is, or with Content-Encoding: gzip.")
        body = await _body(request)
        if body is not None and packed == "gzip":
            try:
                body = await to_thread.run_sync(_unpacked, body)
            except zlib.error as error:
                return problem(422, f"The body is no gzip: {error}.", field="payload", reason="not_gzip")
        if body is None:
            return problem(413, f"A body has at most {MAX_BODY_BYTES:,} bytes, unpacked too. Send several.")
        return await self._answered(sender, request.headers.get("idempotency-key"), body, decode)

    async def _answered(self, sender: Sender, key: str | None, body: bytes, decode: Decode) -> Response:
        known = self._answers.get((sender, key)) if key else None
        if known is not None:
            if known[0] != hash(body):
                return problem(422, "This Idempotency-Key came with another body before.", field="Idempotency-Key")
            return JSONResponse(_as_copy(known[1]), status_code=202)
        messages = decode(body)
        if messages[0].refused and messages[0].refused[0].row == -1:
            whole = messages[0].refused[0]
            return problem(422, whole.detail, field=whole.field, reason=whole.reason)
        try:
            answer = _summary(await self._admission.admit(_submissions(sender, messages, body)))
        except (Exhausted, Unavailable) as error:
            return _later(error)
        if key:
            self._answers[(sender, key)] = (hash(body), answer)
            if len(self._answers) > REMEMBERED_ANSWERS:
                self._answers.popitem(last=False)
        return JSONResponse(answer, status_code=202)

    async def _sender(self, request: Request) -> Sender | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return await self._tokens.sender(token.strip()) if scheme.lower() == "bearer" else None


def ingest_app(admission: Admission, tokens: TokenCheck) -> Starlette:
    """The application: `/v1/readings` and `/health`."""
    endpoint = ReadingsEndpoint(admission, tokens)

    async def health(_: Request) -> Response:
        counts = admission.statistics
        return JSONResponse({"status": "ok", "messages": counts.messages, "accepted": counts.accepted})

    return Starlette(
        routes=[Route("/v1/readings", endpoint.post, methods=["POST"]), Route("/health", health)],
        exception_handlers={HTTPException: _refused_request, RedaptiveError: _error_of_ours},
    )


def problem(
    status: int,
    detail: str,
    *,
    field: str | None = None,
    reason: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document (RFC 9457)."""
    more = {name: value for name, value in (("field", field), ("reason", reason)) if value is not None}
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    return JSONResponse(body, status_code=status, media_type=PROBLEM, headers=headers)


def _later(error: RedaptiveError) -> Response:
    status = 429 if isinstance(error, Exhausted) else 503
    wait_s = math.ceil((error.retry_after_ms or 1_000) / 1_000)
    return problem(status, str(error), headers={"Retry-After": str(wait_s)})


async def _refused_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=dict(error.headers or {}))


async def _error_of_ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, RedaptiveError)
    return _later(error) if error.retryable else problem(500, "Internal error.")


async def _body(request: Request) -> bytes | None:
    """The body; None if it is too large, which is noticed before it is read where the length is stated."""
    stated = request.headers.get("content-length", "0")
    if stated.isdigit() and int(stated) > MAX_BODY_BYTES:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _unpacked(body: bytes) -> bytes | None:
    """The contents of a gzip body; None if they are too large. zlib.error when it is none, or cut off."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    found = reader.decompress(body, MAX_BODY_BYTES + 1)
    if len(found) > MAX_BODY_BYTES:
        return None
    if not reader.eof:
        raise zlib.error("it is cut off")
    return found


def _submissions(sender: Sender, messages: Sequence[Message], body: bytes) -> list[Submission]:
    now_us, trace = time.time_ns() // 1000, secrets.token_hex(16)
    return [
        Submission(sender.tenant, sender.gateway, "http", message, body, now_us, trace, part)
        for part, message in enumerate(messages)
    ]


def _summary(receipts: Sequence[Receipt]) -> dict[str, object]:
    refused = [refusal for receipt in receipts for refusal in receipt.refused]
    return {
        "accepted": sum(receipt.accepted for receipt in receipts),
        "duplicate": sum(receipt.duplicate for receipt in receipts),
        "late": sum(receipt.late for receipt in receipts),
        "rejected": len(refused),
        "rejections": [
            {"row": r.row, "reason": r.reason, "field": r.field, "detail": r.detail} for r in refused[:LISTED]
        ],
    }


def _as_copy(answer: dict[str, object]) -> dict[str, object]:
    """The answer to a request that was answered before: nothing new was taken."""
    known = int(str(answer["accepted"])) + int(str(answer["duplicate"]))
    return {**answer, "accepted": 0, "late": 0, "duplicate": known}
