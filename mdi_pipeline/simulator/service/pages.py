"""The models of a simulated Hub as JSON records, paged as the Hub pages them, and changing if wanted."""

from __future__ import annotations

import base64
import json
import random
import tempfile
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from mdi_pipeline.hub.database import ArrowTable, column_types, connect, quoted
from mdi_pipeline.hub.fields import STRUCTURES

Record = dict[str, Any]

MAX_LIMIT = 1_000

ALWAYS = ("_id", "id")
UNLESS_EXPANDED = ("createdAt", "downloads", "lastModified", "library_name", "likes", "pipeline_tag", "private", "tags")
EXPANDABLE = (
    "author", "baseModels", "cardData", "config", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated",
    "gguf", "lastModified", "library_name", "likes", "model-index", "pipeline_tag", "private", "safetensors", "sha",
    "siblings", "tags", "trendingScore",
)  # fmt: skip
ORDERS = ("createdAt", "lastModified")

Place = tuple[str, str]
"""Where a model stands in an order: its value there, and its `_id`."""

_ISO = "%Y-%m-%dT%H:%M:%S.%gZ"

JSON_FIELDS = {"gated", *STRUCTURES} - {"tags"}
"""Fields that a frame may hold as JSON text."""


def rendered(listing: pl.DataFrame) -> pl.DataFrame:
    """The records of a listing as JSON text, newest first.

    `listing` has the columns of the Hub's listing, `id` and `createdAt` at least; fields of several shapes may
    be JSON text. Columns of the result: `_id` (made from the time of creation where there is none),
    `lastModified` (text as in the record, that of `createdAt` where there is none) and `line`.
    """
    with tempfile.TemporaryDirectory() as folder, connect() as connection:
        file = Path(folder) / "rendered.parquet"
        connection.register("listing", ArrowTable(listing))
        columns = column_types(connection, "listing")
        values = {name: _value(name, kind) for name, kind in columns.items()}
        made = "printf('%08x%016x', epoch(\"createdAt\"::TIMESTAMPTZ)::BIGINT, row_number() OVER (ORDER BY id))"
        values["_id"] = f'coalesce("_id", {made})' if "_id" in columns else made
        modified = f"coalesce({values['lastModified']}, {values['createdAt']})" if "lastModified" in values else None
        values["lastModified"] = modified or values["createdAt"]
        packed = ", ".join(f'"{name}" := {value}' for name, value in values.items())
        connection.execute(
            f"""COPY (
                SELECT record._id AS "_id", record."lastModified" AS "lastModified", to_json(record)::VARCHAR AS line
                FROM (SELECT struct_pack({packed}) AS record FROM listing WHERE "createdAt" IS NOT NULL)
                ORDER BY 1 DESC
            ) TO '{quoted(file)}' (FORMAT parquet)"""
        )
        return pl.read_parquet(file)


class BadCursor(ValueError):
    """A cursor that the server did not make."""


@dataclass
class SimulatedListing:
    """Models as the Hub lists them.

    `models` is what `rendered` makes of a listing. What changes is kept beside it: `created` and `changed` records by
    `_id`, and the `_id`s that are `deleted`.
    """

    models: pl.DataFrame

    def __post_init__(self) -> None:
        """Prepare both orders."""
        self._by_modified = self.models.sort("lastModified", "_id", descending=True)
        self.created: dict[str, Record] = {}
        self.changed: dict[str, Record] = {}
        self.deleted: set[str] = set()
        self._new_ids: list[str] = []
        self._touched: list[Place] = []

    def page(
        self, order: str, limit: int, cursor: str | None, expand: list[str], tags: list[str]
    ) -> tuple[list[Record], str | None]:
        """A page, and the cursor of the next one; None where there is none. Raises `BadCursor`."""
        fields = [*ALWAYS, *(expand or UNLESS_EXPANDED)]
        page: list[Record] = []
        place: Place | None = None
        for record in self._from(order, place_of(cursor, order)):
            if not set(tags) <= set(record.get("tags") or ()):
                continue
            if len(page) == limit:
                return page, cursor_of(place, order)
            place = (record.get(order) or "", record["_id"])
            page.append({name: record[name] for name in fields if record.get(name) is not None})
        return page, None

    def ids(self) -> set[str]:
        """The ids of the models that are there now."""
        return {record["id"] for record in self._from("createdAt", None)}

    def churn(self, rng: random.Random) -> None:
        """Create a model, modify one and delete one."""
        now = datetime.now(UTC)
        self.create(now, rng)
        self.touch(self._anyone(rng), now)
        self.deleted.add(self._anyone(rng))

    def create(self, now: datetime, rng: random.Random) -> Record:
        """A new model."""
        object_id = f"{int(now.timestamp()):08x}{len(self._new_ids):06x}{rng.getrandbits(40):010x}"
        moment = _text(now)
        record = {"_id": object_id, "id": f"born/{object_id}", "author": "born", "createdAt": moment}
        self.created[object_id] = record | {"lastModified": moment, "downloads": 0, "likes": 0, "tags": []}
        insort(self._new_ids, object_id)
        insort(self._touched, (moment, object_id))
        return self.created[object_id]

    def touch(self, object_id: str, now: datetime) -> Record:
        """Modify a model."""
        record = self._record(object_id)
        place = (record["lastModified"], object_id)
        if place in self._touched:
            self._touched.remove(place)
        moment = _text(now)
        self.changed[object_id] = record | {"lastModified": moment, "likes": (record.get("likes") or 0) + 1}
        insort(self._touched, (moment, object_id))
        return self.changed[object_id]

    def _anyone(self, rng: random.Random) -> str:
        while True:
            object_id: str = self.models["_id"][rng.randrange(self.models.height)]
            if object_id not in self.deleted:
                return object_id

    def _record(self, object_id: str) -> Record:
        if object_id in self.changed:
            return self.changed[object_id]
        if object_id in self.created:
            return self.created[object_id]
        position = self.models["_id"].search_sorted(object_id, descending=True)
        record: Record = json.loads(self.models["line"][position])
        return record

    def _from(self, order: str, after: Place | None) -> Iterator[Record]:
        """The records that are there, in an order, after a place in it."""
        own = self._created_first(after) if order == "createdAt" else self._modified_first(after)
        for object_id, line in own:
            if object_id in self.deleted:
                continue
            if line is None or object_id in self.changed:
                yield self._record(object_id)
            else:
                yield json.loads(line)

    def _created_first(self, after: Place | None) -> Iterator[tuple[str, str | None]]:
        for object_id in reversed(self._new_ids):
            if after is None or object_id < after[1]:
                yield object_id, None
        start = 0 if after is None else self.models["_id"].search_sorted(after[1], side="right", descending=True)
        yield from self._rows(self.models, start)

    def _modified_first(self, after: Place | None) -> Iterator[tuple[str, str | None]]:
        for place in reversed(self._touched):
            if after is None or place < after:
                yield place[1], None
        times = self._by_modified["lastModified"]
        start = 0 if after is None else times.search_sorted(after[0], side="left", descending=True)
        for number, (object_id, line) in enumerate(self._rows(self._by_modified, start), start=start):
            is_behind = after is None or (times[number], object_id) < after
            if is_behind and object_id not in self.changed:
                yield object_id, line

    def _rows(self, models: pl.DataFrame, start: int) -> Iterator[tuple[str, str | None]]:
        for part in range(start, models.height, MAX_LIMIT):
            yield from models.select("_id", "line").slice(part, MAX_LIMIT).iter_rows()


def cursor_of(place: Place | None, order: str) -> str | None:
    """The cursor after a place: by `_id` alone in the order of creation, as the Hub makes it."""
    if place is None:
        return None
    key: Record = {"_id": {"$lt": place[1]}}
    if order != "createdAt":
        key = {order: {"$lte": place[0]}} | key
    return base64.b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()


def place_of(cursor: str | None, order: str) -> Place | None:
    """The place that a cursor names. Raises `BadCursor`."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.b64decode(cursor, validate=True))
        return ("" if order == "createdAt" else key[order]["$lte"], key["_id"]["$lt"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadCursor(cursor) from error


def _text(moment: datetime) -> str:
    """A time as the Hub writes it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value(name: str, kind: str) -> str:
    if kind.startswith("TIMESTAMP"):
        return f"""strftime("{name}", '{_ISO}')"""
    if name in JSON_FIELDS and kind == "VARCHAR":
        return f'CASE WHEN json_valid("{name}") THEN "{name}"::JSON ELSE to_json("{name}") END'
    return f'"{name}"'
