"""A WSGI app answering on a random loopback port from a thread, for tests that need real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class QuietHandler(WSGIRequestHandler):
    """The app logs its own requests."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 werkzeug's name
        pass


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serve the app for as long as the block lasts; yields its address, `http://127.0.0.1:PORT`."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="test-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
