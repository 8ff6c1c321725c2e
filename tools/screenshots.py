"""Pictures of the main screens at phone and desk width, taken from a running demo city.

make run                                       # in one terminal
.venv/bin/python -m tools.screenshots shots     # in another: all screens, both widths, whole pages
.venv/bin/python -m tools.screenshots docs/images --readme   # the few small pictures of the README
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.browser import DESK, FLAGS, HEIGHTS, PHONE, chromium_path

PASSWORD = "kota-peraga-2026"  # noqa: S105 - the demo city tells it to everybody
DOMAIN = "peraga.example"
ADDRESS = "http://127.0.0.1:8000"
WEBP_QUALITY = 82


@dataclass(frozen=True)
class Screen:
    """One screen: what the file is called, whose it is, and where it starts.

    `follow` are CSS selectors; the first link that each finds is gone to, one after the other.
    """

    name: str
    who: str
    path: str
    follow: tuple[str, ...] = ()


OUTLET = "main a[href^='/office/outlets/']"
SCREENS = (
    Screen("home", "", "/"),
    Screen("sign-in", "", "/sign-in"),
    Screen("register", "", "/register"),
    Screen("products", "", "/products"),
    Screen("product", "", "/products", ("main a[href^='/products/']",)),
    Screen("storefront", "", "/products", ("main a[href^='/products/']", "main a[href^='/sellers/']")),
    Screen("verify", "", "/verify"),
    Screen("office", "petugas", "/office"),
    Screen("office-outlets", "petugas", "/office/outlets"),
    Screen(
        "office-outlet-short",
        "petugas",
        "/office/outlets?status=short",
        (OUTLET,),
    ),
    Screen(
        "office-outlet-met",
        "petugas",
        "/office/outlets?status=compliant",
        (OUTLET,),
    ),
    Screen("office-sellers", "petugas", "/office/sellers"),
    Screen(
        "office-seller", "petugas", "/office/sellers?q=tempe", ("main table a[href^='/office/sellers/']",)
    ),
    Screen("office-verifications", "petugas", "/office/verifications"),
    Screen("office-regulations", "petugas", "/office/regulations"),
    Screen("office-reports", "petugas", "/office/reports"),
    Screen("office-report", "petugas", "/office/reports", ("main table a[href^='/office/reports/']",)),
    Screen("office-imports", "petugas", "/office/imports"),
    Screen("office-import-new", "petugas", "/office/imports/new"),
    Screen("office-explain", "petugas", "/office/outlets?status=short", (OUTLET, "main a[href*='/explain']")),
    Screen(
        "propose", "bagas", "/buyer", ("main a[href^='/buyer/sellers']", "main a[href^='/agreements/new']")
    ),
    Screen("office-audit", "petugas", "/office/audit"),
    Screen("seller", "sri", "/seller"),
    Screen("seller-products", "sri", "/seller/products"),
    Screen("seller-product-new", "sri", "/seller/products/new"),
    Screen("seller-outlets", "sri", "/seller/outlets"),
    Screen("agreements", "sri", "/agreements"),
    Screen("agreement", "sri", "/agreements", ("main a[href^='/agreements/']",)),
    Screen("buyer", "bagas", "/buyer"),
    Screen("buyer-sellers", "bagas", "/buyer", ("main a[href^='/buyer/sellers']",)),
    Screen("buyer-outlet", "bagas", "/buyer", ("main a[href^='/buyer/outlets/']",)),
    Screen("account", "sri", "/account"),
)
README = (
    ("home", "", "/", DESK, 800),
    ("dashboard", "petugas", "/office", DESK, 1000),
    ("outlet", "petugas", "/office/outlets?q=Rukun+Mart+Nusukan", DESK, 900),
    ("seller-phone", "sri", "/seller", PHONE, 740),
)
"""Name, whose, where, width and height of the README's pictures."""


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address", default=ADDRESS)
    parser.add_argument("--only", default="", help="names of screens, with commas between")
    parser.add_argument("--readme", action="store_true", help="the README's pictures instead")
    parser.add_argument("--dark", action="store_true", help="as on a device that asks for dark pages")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=FLAGS, chromium_sandbox=False
        )
        if args.readme:
            take_for_readme(browser, args.address, args.folder)
        else:
            only = set(filter(None, args.only.split(",")))
            failed = [
                told
                for width in (PHONE, DESK)
                for told in take_all(browser, args.address, args.folder, width, only, dark=args.dark)
            ]
            sys.exit(1 if failed else 0)


def take_all(
    browser: Browser, address: str, folder: Path, width: int, only: set[str], *, dark: bool
) -> Iterator[str]:
    """Whole pages at one width, as NAME-WIDTH.png; yields what did not work."""
    people: dict[str, BrowserContext] = {}
    for screen in SCREENS:
        if only and screen.name not in only:
            continue
        context = people.get(screen.who) or enter(browser, address, screen.who, width, dark=dark)
        people[screen.who] = context
        page = context.new_page()
        try:
            answer = open_screen(page, screen)
            show_whole(page, width)
            page.screenshot(path=folder / f"{screen.name}-{width}.png", full_page=True)
            if answer != "200":
                print(told := f"{screen.name}: {answer} {page.url}")
                yield told
        except (LookupError, TimeoutError) as error:
            print(told := f"{screen.name}: {error}")
            yield told
        page.close()
    for context in people.values():
        context.close()


def show_whole(page: Page, width: int) -> None:
    """Make the window as high as the page, so that what stands at its foot stands at the picture's foot."""
    height = page.locator("body").evaluate("body => Math.max(body.scrollHeight, window.innerHeight)")
    page.set_viewport_size({"width": width, "height": min(int(height), 12_000)})
    page.wait_for_load_state("networkidle")  # pictures further down load when they come into view


def open_screen(page: Page, screen: Screen) -> str:
    """Go to a screen; what the last address answered."""
    answer = page.goto(screen.path)
    for selector in screen.follow:
        links = page.locator(selector)
        if not links.count():
            raise LookupError(f"no {selector} on {page.url}")
        answer = page.goto(links.first.get_attribute("href") or "/")
    return str(answer.status if answer else "no answer")


def enter(browser: Browser, address: str, who: str, width: int, *, dark: bool = False) -> BrowserContext:
    """A browser in which one of the demo people is signed in."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": HEIGHTS[width]},
        is_mobile=width < 600,
        has_touch=width < 600,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
    )
    if who:
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=who]", f"{who}@{DOMAIN}")
        page.fill("[name=password]", PASSWORD)
        page.click("main form [type=submit]")
        page.wait_for_url(re.compile(r"^(?!.*/sign-in)"))
        page.close()
    return context


def take_for_readme(browser: Browser, address: str, folder: Path) -> None:
    """First screenfuls, as small WebP."""
    from PIL import Image  # noqa: PLC0415 - only here

    for name, who, path, width, height in README:
        context = enter(browser, address, who, width)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path)
        if name == "outlet":
            page.goto(page.locator("main a[href^='/office/outlets/']").first.get_attribute("href") or "/")
        page.wait_for_load_state("networkidle")
        raw = folder / f"{name}.png"
        page.screenshot(path=raw)
        with Image.open(raw) as picture:
            picture.convert("RGB").save(folder / f"{name}.webp", quality=WEBP_QUALITY, method=6)
        raw.unlink()
        print(f"{name}.webp {(folder / f'{name}.webp').stat().st_size // 1000} KB")
        context.close()


if __name__ == "__main__":
    main()
