"""What curation and certificates add to the app: pages, navigation, the nightly reminder, parts of pages."""

from __future__ import annotations

from flask import Flask

from .. import jobs, web
from ..i18n import N_
from ..permissions import Actor, Permission
from .queries.curation import curation_of
from .rules.words import ALLERGENS, NO_ALLERGENS
from .services import forgetting
from .services.reminders import remind_certificates
from .views import certificates, curation

NO_ALLERGENS_WORD = N_("tidak ada alergen")


def init_app(app: Flask) -> None:
    """Register all of it."""
    app.register_blueprint(curation.blueprint)
    app.register_blueprint(curation.criteria_pages)
    app.register_blueprint(certificates.blueprint)
    app.register_blueprint(certificates.product_acts)
    app.jinja_env.globals["curation_of"] = curation_of
    app.jinja_env.filters["allergen_word"] = allergen_word
    forgetting.listen()
    jobs.nightly(app, remind_certificates)
    web.register_panel(app, "office", curation.office_panel)
    web.register_panel(app, "seller", curation.papers_panel)
    web.register_nav(
        app,
        web.NavEntry(
            N_("Kurasi"), "clipboard-check", "curation.inbox", _curates, order=25,
            prefixes=("/office/curation", "/office/criteria"),
        ),
        web.NavEntry(
            N_("Sertifikat"), "award", "certificates.certificates", _makes_products, order=85,
            prefixes=("/seller/certificates",),
        ),
    )  # fmt: skip


def allergen_word(code: str) -> str:
    """An allergen in words; what is not known as it is written."""
    return str(NO_ALLERGENS_WORD if code == NO_ALLERGENS else ALLERGENS.get(code, code))


def _curates(actor: Actor) -> bool:
    return actor.can(Permission.PRODUCT_CURATE)


def _makes_products(actor: Actor) -> bool:
    return actor.can(Permission.PRODUCT_EDIT)
