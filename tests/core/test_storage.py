"""Files are kept alike in a folder and in a bucket: one contract, the bucket on a real S3 server process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.backends.storage import Storage, StorageFailed, local_folder, storage

START = "from moto.server import ThreadedMotoServer as S; import time; s = S('127.0.0.1', 0, verbose=False)"
LOOP = "s.start(); print(s.get_host_and_port()[1], flush=True); time.sleep(3600)"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """An S3 server in a process of its own on loopback; yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", f"{START}; {LOOP}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PATH": os.environ.get("PATH", ""), "MOTO_S3_CUSTOM_ENDPOINTS": ""},
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def _make_bucket(address: str, name: str) -> None:
    request = urllib.request.Request(f"{address}/{name}", method="PUT")
    with urllib.request.urlopen(request, timeout=10):
        pass


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """An empty store, first a folder, then a bucket."""
    if request.param == "file":
        return storage("file:", tmp_path)
    address = request.getfixturevalue("s3_server")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
    bucket = f"bucket-{time.time_ns()}"
    _make_bucket(address, bucket)
    return storage(f"s3://{bucket}/etalase?endpoint={address}", tmp_path)


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff\r\n", os.urandom(3_000_000)], ids=["empty", "bytes", "large"]
)
def test_what_is_put_is_got_byte_for_byte(store: Storage, data: bytes) -> None:
    store.put("photos/ab/abc-640.webp", data)
    assert store.get("photos/ab/abc-640.webp") == data


def test_a_file_put_again_is_replaced_and_stands_once(store: Storage) -> None:
    store.put("photos/a.webp", b"one")
    store.put("photos/a.webp", b"two")
    assert store.get("photos/a.webp") == b"two"
    assert list(store.keys()) == ["photos/a.webp"]


@pytest.mark.parametrize("key", ["nothing", "photos", "photos/ab/none.webp", "photos/a.webp/under"])
def test_an_absent_file_is_a_lookup_error(store: Storage, key: str) -> None:
    store.put("photos/a.webp", b"x")
    with pytest.raises(LookupError):
        store.get(key)


def test_a_deleted_file_is_gone_and_deleting_it_again_is_fine(store: Storage) -> None:
    store.put("photos/a.webp", b"x")
    store.delete("photos/a.webp")
    store.delete("photos/a.webp")
    assert list(store.keys()) == []
    with pytest.raises(LookupError):
        store.get("photos/a.webp")


def test_keys_come_in_order_and_by_any_prefix(store: Storage) -> None:
    for key in ("photos/b/2", "photos/a/1", "uploads/3", "photos-old/4"):
        store.put(key, b"x")
    assert list(store.keys()) == ["photos-old/4", "photos/a/1", "photos/b/2", "uploads/3"]
    assert list(store.keys("photos/")) == ["photos/a/1", "photos/b/2"]
    assert list(store.keys("photos/b/")) == ["photos/b/2"]
    assert list(store.keys("upl")) == ["uploads/3"]
    assert list(store.keys("nothing/")) == []


def test_more_keys_than_one_answer_holds_are_all_listed(store: Storage) -> None:
    wanted = [f"many/{number:04d}" for number in range(1010)]
    for key in wanted:
        store.put(key, b"")
    assert list(store.keys("many/")) == wanted


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".a", "A", "a b", "a\x00b"]
)
def test_a_key_that_could_lead_elsewhere_is_refused(store: Storage, key: str) -> None:
    for act in (store.get, store.delete, lambda name: store.put(name, b"x")):
        with pytest.raises(ValueError, match="a key is made of"):
            act(key)


def test_a_reader_never_meets_half_a_file(store: Storage) -> None:
    versions = [bytes([number]) * 400_000 for number in range(2)]
    store.put("photos/a.webp", versions[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for data in versions:
                store.put("photos/a.webp", data)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {store.get("photos/a.webp") in versions for _ in range(60)} == {True}
    finally:
        stop.set()
        writer.join()


def test_a_store_that_does_not_answer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
    (tmp_path / "media").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed):
        storage("file:", tmp_path).put("photos/a.webp", b"x")
    away = storage("s3://none?endpoint=http://127.0.0.1:9", tmp_path)
    with pytest.raises(StorageFailed):
        away.get("photos/a.webp")


@pytest.mark.parametrize(
    "url", ["ftp://host/", "s3:///no-bucket", "s3://bucket?endpoint=http://h&sekret=1", "media"]
)
def test_an_address_nobody_knows_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL"):
        storage(url, tmp_path)


def test_only_files_of_this_machine_go_into_its_backup(tmp_path: Path) -> None:
    assert local_folder("file:", tmp_path) == tmp_path / "media"
    assert local_folder("file:/srv/media", tmp_path) == Path("/srv/media")
    assert local_folder("s3://bucket/media", tmp_path) is None
