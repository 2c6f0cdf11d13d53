"""Photos on the disk: whole or not at all, under names that tell nothing."""

import dataclasses
import os
import re
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audits import photos

pytestmark = pytest.mark.once

AT = datetime(2026, 11, 1, 0, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
PHOTO = photos.CleanPhoto(
    jpeg=b"J" * 5000, thumbnail=b"t" * 700, sha256="", stored_sha256="", width=1, height=1, phash=""
)


def files_below(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if not path.is_dir()]


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """Every file that grows beyond `size` bytes fails, by the operating system itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_store_writes_both_pictures_in_the_folder_of_the_month(tmp_path: Path) -> None:
    stored = photos.store(PHOTO, tmp_path, AT)
    assert re.fullmatch(r"2026/11/[0-9a-f]{32}\.jpg", stored.file)
    assert stored.thumbnail == stored.file.replace(".jpg", "-320.jpg")
    assert (tmp_path / stored.file).read_bytes() == PHOTO.jpeg
    assert (tmp_path / stored.thumbnail).read_bytes() == PHOTO.thumbnail
    assert len(files_below(tmp_path)) == 2


def test_same_photo_stored_twice_has_two_files(tmp_path: Path) -> None:
    first, second = photos.store(PHOTO, tmp_path, AT), photos.store(PHOTO, tmp_path, AT)
    photos.remove(first, tmp_path)
    assert (tmp_path / second.file).read_bytes() == PHOTO.jpeg


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_only_owner_and_group_may_read_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    root = tmp_path / "media"
    before = os.umask(umask)
    try:
        stored = photos.store(PHOTO, root, AT)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (root, *root.rglob("*"))}
    assert modes == {
        root: 0o750,
        root / "2026": 0o750,
        root / "2026/11": 0o750,
        root / stored.file: 0o640,
        root / stored.thumbnail: 0o640,
    }


@pytest.mark.parametrize("room", [100, 5000], ids=["nothing fits", "the thumbnail does not fit"])
def test_full_disk_leaves_no_file_behind(tmp_path: Path, room: int) -> None:
    photo = dataclasses.replace(PHOTO, thumbnail=b"t" * 6000)
    with disk_full_after(room), pytest.raises(photos.NoRoomOnDisk):
        photos.store(photo, tmp_path, AT)
    assert files_below(tmp_path) == []


def test_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "2026").write_bytes(b"")
    with pytest.raises(OSError, match="2026"):
        photos.store(PHOTO, tmp_path, AT)


def test_stored_file_can_be_opened_and_removed_twice(tmp_path: Path) -> None:
    stored = photos.store(PHOTO, tmp_path, AT)
    with photos.open_stored(stored.file, tmp_path) as file:
        assert file.read() == PHOTO.jpeg
    photos.remove(stored, tmp_path)
    photos.remove(stored, tmp_path)
    assert files_below(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        photos.open_stored(stored.file, tmp_path)


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "2026/../../secret", "link"])
def test_path_that_leads_out_of_the_folder_is_not_found(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"")
    root = tmp_path / "media"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(FileNotFoundError):
        photos.open_stored(path, root)


def test_data_reaches_the_disk_before_its_name_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the calls is the promise; a power cut cannot be made here."""
    calls: list[str] = []
    sync, rename = os.fsync, Path.rename

    def fsync(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        calls.append(f"sync {'part' if name.suffix == '.part' else name.relative_to(tmp_path)}")
        sync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        calls.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", renamed)
    photos.store(PHOTO, tmp_path, AT)
    assert calls == ["sync part", "rename", "sync part", "rename", "sync 2026/11", "sync 2026", "sync ."]
