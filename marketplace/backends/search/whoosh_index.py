"""The index in a folder, by Whoosh: `current` names the generation that serves, each a folder of its own.

Whoosh keeps the postings: for each term its documents, each with a weight. Adding them up is done here in
arrays, because Whoosh's own matchers take one document at a time: 20,000 hits cost it a tenth of a second.
Segments never change but for deletions, so what was read of one is kept until the segment is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import columns, fields, formats, index
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher
from whoosh.reading import TermNotFound

from .base import BOOSTS, NOTHING, Document, Group, Hits, Ids, Scores

BLOCK = 2048
POSTINGS_KEPT = 4_000
Postings = tuple[Ids, Scores]


class Terms(fields.FieldType):
    """A field whose terms come in ready, each with its weight."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)

    def index(self, value: Mapping[str, float], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Whoosh's way to ask for (term, frequency, weight, value)."""
        for term, weight in value.items():
            yield term.encode(), 1, weight, b""


class Pool:
    """The postings of a segment that is being written, term by term in arrays.

    In place of Whoosh's own, which sorts and pickles every posting and takes twice the time.
    """

    def __init__(self) -> None:
        self._lists: dict[bytes, tuple[array[int], array[float]]] = {}

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Whoosh's way to hand over one posting; documents come in rising order."""
        _field, term, place, weight, _value = item
        found = self._lists.get(term)
        if found is None:
            found = self._lists[term] = (array("l"), array("f"))
        found[0].append(place)
        found[1].append(weight)

    def iter_postings(self) -> Iterator[tuple[str, bytes, int, float, bytes]]:
        """Every posting in the order that Whoosh writes them."""
        for term in sorted(self._lists):
            for place, weight in zip(*self._lists[term], strict=True):
                yield "terms", term, place, weight, b""

    def cleanup(self) -> None:
        """Forget it all."""
        self._lists.clear()


@dataclass
class Segment:
    """What was read of one segment."""

    reader: Any
    ids: Ids
    live: Any
    size: int
    postings: dict[str, Postings] = field(default_factory=dict)
    words: dict[str, int] | None = None


@dataclass
class Opened:
    """One state of the index, as a reader sees it."""

    stand: tuple[str, int]
    segments: list[Segment]
    documents: int
    words: dict[str, int] | None = None


class WhooshIndex:
    """See SearchIndex."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard = threading.RLock()
        self._opened: Opened | None = None
        self._index: tuple[str, Any] | None = None

    # --- reading ---------------------------------------------------------------------------------------

    def version(self) -> int | None:
        """See SearchIndex."""
        name = self._current()
        try:
            return int((self.folder / name / "version").read_text()) if name else None
        except FileNotFoundError:  # swept away between two looks
            return None

    def find(self, groups: Sequence[Group], *, at_least: int | None = None) -> Hits:
        """See SearchIndex."""
        with self._guard:
            opened = self._open()
            if opened is None or not opened.segments or not groups:
                return NOTHING
            rarity = [
                min((self._rarity(opened, term) for term in group.terms), default=0) for group in groups
            ]
            needed = len(groups) if at_least is None else max(1, min(at_least, len(groups)))
            found = [_match(segment, groups, rarity, needed) for segment in opened.segments]
        return Hits(np.concatenate([part.ids for part in found]), np.concatenate([p.scores for p in found]))

    def vocabulary(self) -> Mapping[str, int]:
        """See SearchIndex."""
        with self._guard:
            opened = self._open()
            if opened is None:
                return {}
            if opened.words is None:
                opened.words = {}
                for segment in opened.segments:
                    for word, count in _words(segment).items():
                        opened.words[word] = opened.words.get(word, 0) + count
            return opened.words

    def stamps(self) -> dict[int, int]:
        """See SearchIndex."""
        with self._guard:
            opened = self._open()
            found: dict[int, int] = {}
            for segment in opened.segments if opened else ():
                stamps = _whole_column(segment.reader, "stamp")[segment.live]
                found.update(zip(segment.ids[segment.live].tolist(), stamps.tolist(), strict=True))
            return found

    def _current(self) -> str:
        try:
            return (self.folder / "current").read_text().strip()
        except FileNotFoundError:
            return ""

    def _open(self) -> Opened | None:
        """The newest state; what was read of segments that are still there is kept."""
        name = self._current()
        if not name:
            return None
        if self._index is None or self._index[0] != name:
            self._index = (name, index.open_dir(str(self.folder / name)))
        stand = (name, self._index[1].latest_generation())
        if self._opened is not None and self._opened.stand == stand:
            return self._opened
        before = self._opened
        known = (
            {}
            if before is None
            else {
                (before.stand[0], segment.reader.segment().segment_id()): segment
                for segment in before.segments
            }
        )
        segments = []
        for reader, _offset in self._index[1].reader().leaf_readers():
            if reader.doc_count_all():
                segments.append(_segment(reader, known.get((name, reader.segment().segment_id()))))
        documents = sum(int(segment.live.sum()) for segment in segments)
        self._opened = Opened(stand, segments, documents)
        return self._opened

    @staticmethod
    def _rarity(opened: Opened, term: str) -> float:
        """A word that few documents hold says more: 1 for one in the whole index, falling."""
        count = sum(len(_postings(segment, term)[0]) for segment in opened.segments)
        return float(np.log1p(opened.documents / (1 + count)) / np.log1p(opened.documents + 1))

    # --- writing ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """See SearchIndex. A lock on a file, so that processes wait for each other too."""
        with self._locked("write.lock"):
            yield

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def put(self, documents: Iterable[Document], *, gone: Iterable[int], version: int) -> None:
        """See SearchIndex."""
        name = self._current()
        if not name:
            raise LookupError("there is no index yet")
        news = {document.id: document for document in documents}
        unwanted = np.fromiter({*news, *gone}, np.int64)
        opened = index.open_dir(str(self.folder / name))
        writer = _writer(opened)
        try:
            with opened.reader() as reader:
                for leaf, offset in reader.leaf_readers():
                    held = np.isin(_ids(leaf), unwanted)
                    for place in np.flatnonzero(held):
                        writer.delete_document(int(place) + offset)
            for document in news.values():
                _add(writer, document)
        except BaseException:
            writer.cancel()
            raise
        writer.commit()
        self._note_version(name, version)

    def rebuild(self, documents: Iterable[Document], *, version: int) -> None:
        """See SearchIndex."""
        with self._locked("rebuild.lock"):
            name = f"g{secrets.token_hex(6)}"
            self._build(self.folder / name, documents)
            self._note_version(name, version)
            with self.writing():
                before = self._current()
                _write_whole(self.folder / "current", name)
            for old in self.folder.glob("g*"):
                if old.name not in {name, before}:  # whoever reads the one before may finish
                    shutil.rmtree(old, ignore_errors=True)

    @staticmethod
    def _build(place: Path, documents: Iterable[Document]) -> None:
        place.mkdir(parents=True)
        schema = fields.Schema(
            terms=Terms(),
            number=fields.COLUMN(columns.NumericColumn("q")),
            stamp=fields.COLUMN(columns.NumericColumn("q")),
        )
        writer = _writer(index.create_in(str(place), schema))
        try:
            for document in documents:
                _add(writer, document)
        except BaseException:
            writer.cancel()
            shutil.rmtree(place, ignore_errors=True)
            raise
        writer.commit()

    def _note_version(self, name: str, version: int) -> None:
        _write_whole(self.folder / name / "version", str(version))


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def _writer(opened: Any) -> Any:
    codec = W3Codec(blocklimit=BLOCK)
    codec.length_stats = False  # nothing asks for lengths; Whoosh would look for their file for every posting
    writer = opened.writer(codec=codec)
    writer.pool = Pool()
    return writer


def _add(writer: Any, document: Document) -> None:
    """A term counts by the best place it stands in, and more in a short title than in a long one."""
    weights: dict[str, float] = {}
    for weight, terms in document.terms.items():
        boost = BOOSTS[weight] * document.brevity
        for term in terms:
            weights[term] = max(weights.get(term, 0.0), boost)
    writer.add_document(terms=weights, number=document.id, stamp=document.stamp)


def _ids(reader: Any) -> Ids:
    return _whole_column(reader, "number")


def _whole_column(reader: Any, name: str) -> Ids:
    """A column of a segment at once: asked for one by one, 100,000 numbers take a third of a second."""
    size = reader.doc_count_all()
    whole = np.zeros(size, np.int64)
    if reader.has_column(name):
        column = reader.column_reader(name, translate=False)
        data = column._dbfile.get(column._basepos, column._count * column._fixedlen)  # noqa: SLF001
        found = np.frombuffer(data, ">i8")[:size]
        whole[: len(found)] = found
    return whole


def _segment(reader: Any, known: Segment | None) -> Segment:
    size = reader.doc_count_all()
    live = np.ones(size, bool)
    live[list(reader.deleted_docs_set)] = False
    if known is not None and known.size == size:
        return Segment(reader, known.ids, live, size, known.postings, known.words)
    return Segment(reader, _ids(reader), live, size)


def _words(segment: Segment) -> dict[str, int]:
    if segment.words is None:
        segment.words = {
            term.decode(): segment.reader.doc_frequency("terms", term)
            for term in segment.reader.lexicon("terms")
            if not term.isdigit()
        }
    return segment.words


def _postings(segment: Segment, term: str) -> Postings:
    found = segment.postings.get(term)
    if found is None:
        if len(segment.postings) >= POSTINGS_KEPT:
            segment.postings.clear()
        found = segment.postings[term] = _read_postings(segment.reader, term)
    return found


def _read_postings(reader: Any, term: str) -> Postings:
    """Every document of a term with its weight, block by block; the deleted ones too."""
    places, weights = array("l"), array("f")
    try:
        matcher = reader.postings("terms", term.encode())
    except TermNotFound:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    matcher = getattr(matcher, "child", matcher)  # without the filter of deletions: `live` knows them
    while matcher.is_active():
        if isinstance(matcher, W3LeafMatcher):
            # Whoosh has no public way to a whole block; one by one takes ten times as long.
            matcher._read_ids()  # noqa: SLF001
            matcher._read_weights()  # noqa: SLF001
            places.extend(matcher._ids)  # noqa: SLF001
            weights.extend(matcher._weights)  # noqa: SLF001
            matcher._next_block()  # noqa: SLF001
        else:
            places.append(matcher.id())
            weights.append(matcher.weight())
            matcher.next()
    return np.array(places, np.int64), np.array(weights, np.float32)


def _match(segment: Segment, groups: Sequence[Group], rarity: Sequence[float], needed: int) -> Hits:
    """Each group gives a document the best of its terms; a document needs so many groups.

    A group is as rare as its commonest term: a rare alternative is no better than what it stands for.
    """
    total = np.zeros(segment.size, np.float32)
    matched = np.zeros(segment.size, np.int16)
    for group, worth in zip(groups, rarity, strict=True):
        best = np.zeros(segment.size, np.float32)
        for term, right in group.terms.items():
            places, weights = _postings(segment, term)
            if len(places):
                best[places] = np.maximum(best[places], weights * np.float32(right * worth))
        total += best
        matched += best > 0
    places = np.flatnonzero((matched >= needed) & segment.live)
    share = matched[places] / np.float32(len(groups))
    return Hits(segment.ids[places], (total[places] / np.float32(len(groups)) * share).astype(np.float32))
