"""The public archive of a simulated Hub: a dataset repository with one commit a day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.database import ArrowTable, connect, quoted

REPOSITORY = "cfahlgren1/hub-stats"
FILE = "models.parquet"
COMMITTED_AT = time(4, 30, tzinfo=UTC)


@dataclass(frozen=True)
class SimulatedArchive:
    """The listing of each of some days (oldest first), as a file that is written when first asked for.

    The columns drift over the years as in the real archive: at first `cardData` is JSON text and there is
    neither `baseModels` nor `downloadsAllTime`; in the second half of the days `cardData` and `config` are structs.
    Columns that nobody here needs make up most of a file, as they do there.
    """

    days: Sequence[date]
    listing: Callable[[date], pl.DataFrame]
    folder: Path

    def commits(self) -> list[dict[str, object]]:
        """The commits as the Hub lists them, newest first."""
        return [
            {
                "id": revision_of(day),
                "title": "Upload models.parquet with huggingface_hub",
                "message": "",
                "authors": [{"user": "archivist"}],
                "date": datetime.combine(day, COMMITTED_AT).isoformat().replace("+00:00", ".000Z"),
            }
            for day in reversed(self.days)
        ]

    def day_of(self, revision: str) -> date | None:
        """The day of a revision, or of the newest for `main`; None where there is none."""
        if revision == "main":
            return self.days[-1] if self.days else None
        return next((day for day in self.days if revision_of(day) == revision), None)

    def file(self, day: date) -> Path:
        """The listing of a day."""
        file = self.folder / f"{day}.parquet"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            is_late = self.days.index(day) >= len(self.days) / 2
            staged = file.with_suffix(".staged")
            _write(self.listing(day), staged, is_late=is_late)
            staged.replace(file)
        return file


def revision_of(day: date) -> str:
    """The commit id of a day."""
    return hashlib.sha1(str(day).encode(), usedforsecurity=False).hexdigest()


UNNEEDED = """
    list_transform(range(16), lambda n: {'rfilename': 'model-' || md5(id || n) || '.safetensors'}) AS siblings,
    list_transform(range(2), lambda n: 'space/' || md5(n || id)) AS spaces,
    '[{"text": "' || md5('text' || id) || '"}]' AS "widgetData"
"""
"""What the archive has beside what is needed: files, spaces and examples of each model."""

CHAT_TEMPLATE = "list_aggregate(list_transform(range(12), lambda n: md5('chat' || n || id)), 'string_agg', ' ')"


def _write(listing: pl.DataFrame, file: Path, *, is_late: bool) -> None:
    parent = "json_extract(\"cardData\", '$.base_model')"
    as_struct = f"""
        * REPLACE (
            CASE WHEN "cardData" IS NOT NULL THEN {{
                'base_model': CASE json_type({parent})
                    WHEN 'VARCHAR' THEN [json_extract_string({parent}, '$')]
                    WHEN 'ARRAY' THEN json_extract_string({parent}, '$[*]') END,
                'base_model_relation': json_extract_string("cardData", '$.base_model_relation')
            }} END AS "cardData",
            CASE WHEN config IS NOT NULL THEN {{
                'architectures': json_extract_string(config, '$.architectures[*]'),
                'model_type': json_extract_string(config, '$.model_type'),
                'peft': {{
                    'base_model_name_or_path': json_extract_string(config, '$.peft.base_model_name_or_path'),
                    'task_type': json_extract_string(config, '$.peft.task_type')
                }},
                'tokenizer_config': {{'chat_template': {CHAT_TEMPLATE}}}
            }} END AS config
        )"""
    dropped = [f'"{name}"' for name in ("baseModels", "downloadsAllTime") if name in listing.columns]
    as_text = f"* EXCLUDE ({', '.join(dropped)})" if dropped else "*"
    columns = as_struct if is_late else as_text
    with connect() as connection:
        connection.register("listing", ArrowTable(listing))
        connection.execute(f"COPY (SELECT {columns}, {UNNEEDED} FROM listing) TO '{quoted(file)}' (FORMAT parquet)")
