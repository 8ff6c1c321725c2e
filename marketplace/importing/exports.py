"""What an office may take home: the rows of a kind under its region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .. import clock
from ..db import db
from ..errors import NotFound
from ..i18n import _
from ..permissions import Actor, within
from .kinds import Kind


def rows(kind: Kind, *, actor: Actor, region: str) -> Iterator[Sequence[Any]]:
    """The rows of a kind under a region that the actor sees. Raises NotFound for another region."""
    if kind.export is None or not (actor.is_office and within(region, actor.region)):
        raise NotFound(_("Wilayah ini di luar wilayah kerja Anda."))
    return kind.export(db.session(), region=region)


def file_name(kind: Kind, region: str) -> str:
    """Kind, region and day: sellers-33.72-2026-11-22."""
    return re.sub(r"-+", "-", f"{kind.name}-{region}-{clock.today().isoformat()}")
