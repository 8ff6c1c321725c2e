"""A process outside the marketplace that sells, receives and pays through HTTP, for tests of sudden death.

    python -m tests.loop.load ORDERS.json

Whatever was acknowledged is appended to a log of its own at once. A request that got no answer is sent again
with the same key until it gets one; a file named in the orders tells it to stop after that.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

WAIT_S = 20
PAUSE_S = 0.05
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Orders:
    """What to do, and with whose rights."""

    port: int
    log: str
    stop: str
    bearer: str
    cookie: str
    outlet_ref: str
    goods: list[tuple[str, str]]
    """(seller_ref, sku)"""
    day: str
    deliveries: list[int]
    bills: list[int]
    seed: int
    tills: int = 2


@dataclass
class Answer:
    """What the server said."""

    status: int
    body: str
    location: str = ""


@dataclass
class Browser:
    """One connection after the other to the server, with the cookies it was given."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def send(
        self, method: str, path: str, body: str | None = None, more: Mapping[str, str] | None = None
    ) -> Answer:
        """One request; raises OSError or HTTPException when the server died under it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {**self.headers, **(more or {}), **({"Cookie": cookie} if cookie else {})}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            for given in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = given.split(";", 1)[0].partition("=")
                self.cookies[name] = value
            return Answer(answer.status, text, answer.headers.get("Location", ""))
        finally:
            connection.close()


class Load:
    """The threads of the load and their common log."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.log = os.open(orders.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self.stop = Path(orders.stop)

    @property
    def goes_on(self) -> bool:
        return not self.stop.exists()

    def told(self, **what: Any) -> None:
        """Keep an acknowledgement, whatever happens to the marketplace."""
        os.write(self.log, (json.dumps(what) + "\n").encode())

    def insist(self, act: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer that is no failure of the server."""
        while True:
            try:
                answer = act()
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE_S)
                continue
            if answer.status < 500:
                return answer
            self.told(kind="failed", status=answer.status, body=answer.body[:2000])
            time.sleep(PAUSE_S)

    def sell(self, number: int) -> None:
        """Reports of one to five lines; now and then one is sent twice, now and then a sale is taken back."""
        chance = random.Random(f"{self.orders.seed}-{number}")
        browser = Browser(
            self.orders.port,
            {"Authorization": f"Bearer {self.orders.bearer}", "Content-Type": "application/json"},
        )
        count, last = 0, ""
        while self.goes_on:
            count += 1
            name = f"L{self.orders.seed}-{number}-{count}"
            lines: list[dict[str, Any]] = []
            for place in range(chance.randint(1, 5)):
                seller_ref, sku = chance.choice(self.orders.goods)
                lines.append(
                    {
                        "line_ref": f"{name}-{place}",
                        "occurred_on": self.orders.day,
                        "seller_ref": seller_ref,
                        "sku": sku,
                        "quantity": chance.randint(1, 3),
                    }
                )
            if last and chance.random() < 0.2:
                lines.append({"line_ref": f"{name}-back", "reverses": last, "occurred_on": self.orders.day})
            body = json.dumps({"outlet_ref": self.orders.outlet_ref, "lines": lines})
            for _time in range(2 if chance.random() < 0.2 else 1):
                more = {"Idempotency-Key": name}
                answer = self.insist(partial(browser.send, "POST", "/api/v1/sales", body, more))
                self.told(kind="sales", key=name, lines=lines, status=answer.status, answer=answer.body)
            last = lines[0]["line_ref"]

    def token(self, browser: Browser, path: str) -> str | None:
        """The token of a form on a page; None where the page has none."""
        found = TOKEN.search(self.insist(lambda: browser.send("GET", path)).body)
        return found[1] if found else None

    def post(self, browser: Browser, page: str, path: str, **fields: str) -> Answer | None:
        """Send a form as a browser does; None when its page offers none any more."""
        token = self.token(browser, page)
        if token is None:
            return None
        body = urlencode({"csrf_token": token, **fields})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.insist(lambda: browser.send("POST", path, body, kind))

    def receive(self) -> None:
        """Take the deliveries in, one after the other; each is received a second time now and then."""
        chance = random.Random(f"{self.orders.seed}-receive")
        browser = Browser(self.orders.port, cookies={"etalase": self.orders.cookie})
        for delivery in self.orders.deliveries:
            for _time in range(2 if chance.random() < 0.3 else 1):
                if not self.goes_on:
                    return
                path = f"/deliveries/{delivery}/receive"
                answer = self.post(browser, path, path, all="1")
                status = answer.status if answer else 302
                self.told(kind="received", delivery=delivery, status=status)
                time.sleep(chance.uniform(0, 0.2))

    def pay(self) -> None:
        """Pay the bills in small parts, in cash; a form is sent twice now and then."""
        chance = random.Random(f"{self.orders.seed}-pay")
        browser = Browser(self.orders.port, cookies={"etalase": self.orders.cookie})
        count = 0
        while self.goes_on:
            count += 1
            bill, amount, key = chance.choice(self.orders.bills), chance.randint(1, 900), ""
            key = f"pay-{self.orders.seed}-{count}"
            for _time in range(2 if chance.random() < 0.3 else 1):
                answer = self.post(
                    browser,
                    f"/payments/new?bills={bill}",
                    "/payments/new",
                    bills=str(bill),
                    key=key,
                    amount_rupiah=str(amount),
                    method="cash",
                    paid_on=self.orders.day,
                )
                status = answer.status if answer else 0
                self.told(kind="paid", key=key, bill=bill, amount=amount, status=status)
            time.sleep(chance.uniform(0, 0.2))

    def run(self) -> None:
        """All at once, until told to stop."""
        acts: list[Callable[[], None]] = [
            *(lambda n=n: self.sell(n) for n in range(self.orders.tills)),
            self.receive,
            self.pay,
        ]
        threads = [threading.Thread(target=act) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    Load(Orders(**json.loads(Path(sys.argv[1]).read_text()))).run()
