"""Looks whether agreements say what their versions say, and papers what they said when they were made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, select

from ..audits import sentences_of, snapshot
from ..backends.storage import StorageFailed, current_storage
from .models import AgreementPaper, AgreementPaperFile
from .queries.agreement_papers import hash_of

STREAMED = 2_000
WITHOUT = """SELECT a.agreement_ref FROM agreements a
    WHERE NOT EXISTS (SELECT 1 FROM agreement_versions v WHERE v.agreement_id = a.id)"""
COPIES = """SELECT a.agreement_ref FROM agreements a
    JOIN agreement_versions v ON v.agreement_id = a.id AND v.number = (
        SELECT max(w.number) FROM agreement_versions w
        WHERE w.agreement_id = a.id AND w.state = 'accepted')
    WHERE a.state <> 'accepted' OR a.basis <> v.basis OR a.starts_on <> v.starts_on
        OR coalesce(a.ends_on, '9999-12-31') <> coalesce(v.ends_on, '9999-12-31')
        OR coalesce(a.commission_percent, -1) <> coalesce(v.commission_percent, -1)
        OR coalesce(a.settlement_days, v.due_days) <> v.due_days"""
UNAGREED = """SELECT a.agreement_ref FROM agreements a WHERE a.state = 'accepted' AND NOT EXISTS (
    SELECT 1 FROM agreement_versions v WHERE v.agreement_id = a.id AND v.state = 'accepted')"""
UNWRITTEN = """SELECT a.agreement_ref, v.number FROM agreement_versions v
    JOIN agreements a ON a.id = v.agreement_id
    LEFT JOIN agreement_papers p ON p.version_id = v.id
    WHERE p.version_id IS NULL AND v.state = 'accepted' AND v.proposed_at IS NOT NULL"""
TABLES = ("agreements",)
"""Whose rows the sentences are about; all else hangs on these."""
CHECKS = (
    (WITHOUT, "{0} has no version"),
    (UNAGREED, "{0} is accepted without a version that both accepted"),
    (COPIES, "{0} says other terms than the version accepted last"),
    (UNWRITTEN, "{0} version {1} was accepted and has no paper"),
)


def differences() -> Iterator[str]:
    """One sentence for each agreement or paper that is not what it must be."""
    with snapshot() as connection:
        yield from sentences_of(connection, CHECKS)
        yield from _papers(connection)
        yield from _files(connection)


def _papers(connection: Connection) -> Iterator[str]:
    query = select(AgreementPaper.number, AgreementPaper.content, AgreementPaper.content_hash)
    for number, content, content_hash in connection.execute(query, execution_options={"yield_per": STREAMED}):
        if hash_of(content) != content_hash:
            yield f"paper {number} does not say what it was hashed from"


def _files(connection: Connection) -> Iterator[str]:
    query = select(AgreementPaper.number, AgreementPaperFile.file_key, AgreementPaperFile.file_hash).join(
        AgreementPaperFile, AgreementPaperFile.version_id == AgreementPaper.version_id
    )
    store = current_storage()
    for number, key, file_hash in connection.execute(query, execution_options={"yield_per": STREAMED}):
        try:
            data = store.get(key)
        except (LookupError, StorageFailed):
            yield f"the file of paper {number} is not there"
            continue
        if hashlib.sha256(data).hexdigest() != file_hash:
            yield f"the file of paper {number} was changed"
