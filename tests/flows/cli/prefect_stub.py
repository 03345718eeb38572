"""A server that answers as Prefect's does, as far as ``doctor`` asks it."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

SCHEDULED = {"id": "d1", "paused": False, "schedules": [{"active": True}]}
Answer = tuple[int, object]


@contextmanager
def server(
    workers: list[dict[str, Any]] | None,
    deployment: dict[str, Any] | None = SCHEDULED,
    coming: int = 3,
    paused: Sequence[str] = (),
    off: Sequence[str] = (),
    missing: Sequence[str] = (),
    busy: int = 0,
    made: list[Any] | None = None,
) -> Iterator[str]:
    """Give the address of its API; its workers and each deployment are as given, or there is no such page.

    ``paused`` names pool and queue; of its automations some are ``off``, some ``missing``. It is too ``busy`` for the first so many questions.
    What a new run is asked for goes into ``made``.
    """

    def automations(body: Any) -> Answer:
        wanted = body["automations"]["name"]["any_"]
        return 200, [{"name": name, "enabled": name not in off} for name in wanted if name not in missing]

    def run(body: Any) -> Answer:
        if made is None:
            return 404, None
        made.append(body)
        return 201, {"id": "r1"}

    pages: list[tuple[str, Callable[[Any], Answer]]] = [
        ("/health", lambda _: (200, True)),
        ("/workers/filter", lambda _: (404 if workers is None else 200, workers)),
        ("/queues/filter", lambda _: (200, [{"name": "default", "is_paused": "default" in paused}])),
        ("/work_pools/hallmark", lambda _: (200, {"is_paused": "hallmark" in paused})),
        ("/flow_runs/count", lambda _: (200, coming)),
        ("/automations/filter", automations),
        ("/create_flow_run", run),
        ("", lambda _: (404 if deployment is None else 200, deployment)),
    ]
    with _serving(pages, busy) as address:
        yield address


@contextmanager
def _serving(pages: Sequence[tuple[str, Callable[[Any], Answer]]], busy: int) -> Iterator[str]:
    asked = count(1)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")
            answer = next(page for end, page in pages if self.path.endswith(end))
            status, said = (503, None) if next(asked) <= busy else answer(body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_POST = do_GET  # noqa: N815 - the name that http.server asks for

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/api"
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
