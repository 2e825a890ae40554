"""What a crawl of the live Hub costs: time of one core and memory, against a simulated Hub on this machine.

    python benchmarks/crawl.py [MODELS [download_and_parse | crawl | crawl_to_tables] ...]

The server runs in a process of its own and sends pages that it has made beforehand, about 1 KB a record. The
yardstick is downloading the same pages with the same client and `json.loads`, nothing else. Each is measured
in a process of its own: CPU time of all its threads, and the most memory that it held.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PER_PAGE = 1_000
PADDING = 220
PORT = 18_432
TIME_LIMIT = 900
ENDPOINT = f"http://127.0.0.1:{PORT}"


def record(number: int) -> dict[str, object]:
    """A record of about 1 KB, with all fields that are asked for."""
    parent = f"publisher-{number % 977}/base-model-{number % 4_999}"
    return {
        "_id": f"{2_000_000_000 - number:08x}{number:016x}",
        "id": f"author-{number % 99_991}/model-{number}",
        "author": f"author-{number % 99_991}",
        "createdAt": "2026-08-06T17:14:34.000Z",
        "lastModified": "2026-08-06T17:20:00.000Z",
        "gated": False,
        "downloads": number % 5_000,
        "downloadsAllTime": number % 90_000,
        "likes": number % 50,
        "pipeline_tag": "text-generation",
        "library_name": "transformers",
        "tags": ["transformers", f"base_model:{parent}", f"base_model:finetune:{parent}", "license:mit", "region:us"],
        "cardData": {"base_model": parent, "license": "mit", "summary": "x" * PADDING},
        "baseModels": {"relation": "finetune", "models": [{"_id": f"{number:024x}", "id": parent}]},
        "safetensors": {"parameters": {"BF16": 7_000_000_000}, "total": 7_000_000_000},
        "config": {"architectures": ["LlamaForCausalLM"], "model_type": "llama"},
    }


def serve(n_models: int) -> None:
    """Pages by number; each page's text is made once and its ids are put in."""
    template = json.dumps([record(number) for number in range(PER_PAGE)])
    n_pages = n_models // PER_PAGE

    async def models(request: Request) -> Response:
        cursor = request.query_params.get("cursor", "0")
        if not cursor.isdigit():
            return Response(b"[]")  # asked for after the last page, which was full
        page = int(cursor)
        body = template.replace("/model-", f"/model-{page}-").encode()
        headers = {"RateLimit": '"api";r=400;t=300'}
        if page + 1 < n_pages:
            headers["Link"] = f'<{ENDPOINT}/api/models?cursor={page + 1}>; rel="next"'
        return Response(body, media_type="application/json", headers=headers)

    application = Starlette(routes=[Route("/api/models", models)])
    uvicorn.run(application, host="127.0.0.1", port=PORT, log_level="critical")


def download_and_parse(_: int) -> int:
    """The yardstick."""
    client, listing = _client(), _listing()
    cursor, n_read = None, 0
    while True:
        answer = client.page(listing, cursor)
        n_read += len(json.loads(answer.body))
        cursor = answer.next_cursor
        if cursor is None:
            return n_read


def crawl(_: int) -> int:
    """A full crawl: pages written down, parsed, and its records written."""
    from mdi_pipeline.hub.live.source import HubSource

    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        source = HubSource(Path(folder), full_crawl_days=7, endpoint=ENDPOINT)
        taken = source.crawl(source.dates()[0], workspace)
        return int(taken.records.select("model_id").collect().height)


def crawl_to_tables(_: int) -> int:
    """A full crawl, and the two tables of it."""
    from mdi_pipeline.hub.crawl import take_crawl
    from mdi_pipeline.hub.live.source import HubSource

    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        source = HubSource(Path(folder), full_crawl_days=7, endpoint=ENDPOINT)
        return take_crawl(source, source.dates()[0], workspace, previous_crawl_date=None).models.height


WORK = (download_and_parse, crawl, crawl_to_tables)


def _client():
    from mdi_pipeline.hub.live.client import HubClient
    from mdi_pipeline.hub.live.connection import Patience
    from mdi_pipeline.hub.live.pacing import Pace

    return HubClient(ENDPOINT, Pace(lambda _: None), Patience())


def _listing():
    from mdi_pipeline.hub.live.listing import Listing

    return Listing()


def _measured(work, n_models: int, results) -> None:
    started, wall = time.process_time(), time.monotonic()
    n_read = work(n_models)
    used = resource.getrusage(resource.RUSAGE_SELF)
    results.put((n_read, time.process_time() - started, time.monotonic() - wall, used.ru_maxrss / 1e6))


def main(n_models: int, names: list[str]) -> None:
    """Measure each way of working that is named, all of them where none is."""
    spawn = multiprocessing.get_context("spawn")
    server = spawn.Process(target=serve, args=(n_models,), daemon=True)
    server.start()
    time.sleep(3)
    print(f"{n_models:,} models, {len(json.dumps(record(7)))} bytes a record")
    seconds: dict[str, float] = {}
    for work in [work for work in WORK if not names or work.__name__ in names]:
        results = spawn.Queue()
        process = spawn.Process(target=_measured, args=(work, n_models, results))
        process.start()
        n_read, seconds[work.__name__], wall, memory = results.get(timeout=TIME_LIMIT)
        process.join()
        assert n_read == n_models, (work.__name__, n_read)
        cpu = seconds[work.__name__]
        print(f"{work.__name__:20} {cpu:7.2f} s of one core, {wall:7.2f} s by the clock, "
              f"{n_models / cpu:9,.0f} models/s of one core, {memory:.2f} GB at most")  # fmt: skip
    if not names:
        print(f"crawl against download and json.loads: {seconds['crawl'] / seconds['download_and_parse']:.2f}")
    server.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2:])
