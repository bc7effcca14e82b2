"""Codes (what people use) to ids (what tables use), with a helpful refusal of unknown ones."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from redaptive.errors import NotFound

_ID_BY_CODE: Mapping[str, LiteralString] = {
    "customer": "SELECT code, id FROM customers",
    "site": "SELECT code, id FROM sites",
    "building": "SELECT code, id FROM buildings",
    "meter": "SELECT code, id FROM meters",
    "engineer": "SELECT code, id FROM engineers WHERE active",
    "portfolio": "SELECT code, id FROM portfolios",
}


async def ids_by_code(connection: AsyncConnection[DictRow], kind: str) -> dict[str, UUID]:
    """Every code of `kind` in the tenant of the transaction, with its id."""
    rows = await (await connection.execute(_ID_BY_CODE[kind])).fetchall()
    return {row["code"]: row["id"] for row in rows}


def require_known(kind: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    """Raise NotFound naming the first codes of `wanted` that are not in `known`, and the nearest that are."""
    have = known if isinstance(known, (set, dict, frozenset)) else set(known)
    missing = sorted({code for code in wanted if code not in have})
    if not missing:
        return
    near = difflib.get_close_matches(missing[0], list(have), n=3, cutoff=0.5)
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    raise NotFound(
        f"There is no {kind} with the code {missing[0]!r}{more}.",
        field=f"{kind}_code",
        fix=f"Nearest codes: {', '.join(near)}." if near else f"List the codes of the {kind}s first.",
    )
