"""What people attach: taken by its content, without what nobody should learn from it, or refused in words."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from pytest_django import Settings

from conversations import clock
from conversations.models import Attachment, StoredFile, User
from conversations.stored import attachments, files
from conversations.stored.inspecting import NotTaken
from tests import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(alice: User, tmp_path: Path) -> "Taken":
    return Taken(alice, tmp_path / "upload")


class Taken:
    def __init__(self, user: User, path: Path) -> None:
        self.user, self.path = user, path

    def __call__(self, content: bytes, name: str = "file.png") -> Attachment:
        self.path.write_bytes(content)
        return attachments.take(self.user, self.path, name)


def content(row: Attachment) -> bytes:
    return files.read(row.content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_known_by_its_content_and_not_by_its_name(taken: Taken, kind: str) -> None:
    row = taken(pictures.picture(kind), "C:\\holiday\\notes.txt")
    assert (row.content_type, row.width, row.height) == (f"image/{kind.lower()}", 40, 30)
    assert row.name == "notes.txt"
    with Image.open(io.BytesIO(content(row))) as image:
        assert image.format == kind
    assert default_storage.exists(row.content.thumbnail)


def test_a_plain_picture_stays_as_it_was(taken: Taken) -> None:
    plain = pictures.picture()
    assert content(taken(plain)) == plain


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_a_picture_was_taken_is_told_to_nobody(taken: Taken, kind: str) -> None:
    whole = pictures.photo(kind=kind)
    assert b"Camera" in whole
    kept = content(taken(whole))
    assert b"Camera" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()


def test_a_picture_that_was_taken_sideways_is_kept_upright(taken: Taken) -> None:
    row = taken(pictures.photo(orientation=6))
    assert (row.width, row.height) == (30, 40)
    with Image.open(io.BytesIO(content(row))) as image:
        assert image.size == (30, 40)


def test_what_follows_a_picture_in_its_file_goes(taken: Taken) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        assert b"secret" not in content(taken(pictures.picture(kind) + b"secret" * 10))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a picture at all", "unknown"),
        (b"", "empty_file"),
        (pictures.SVG, "drawing"),
        (pictures.picture()[:60], "broken"),
        (pictures.picture("JPEG")[:300], "broken"),
        (pictures.moving("GIF"), "animated"),
        (pictures.moving("WEBP"), "animated"),
        (pictures.moving("PNG"), "animated"),
        (pictures.bomb(), "too_many_pixels"),
        (b"%PDF-1.7\nnothing of the kind", "broken"),
        (pictures.document("Secret", password="x"), "locked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_refused_by_name(taken: Taken, content: bytes, code: str) -> None:
    with pytest.raises(NotTaken, match=r"“fake\.png”") as refused:
        taken(content, "fake.png")
    assert refused.value.code == code
    assert not StoredFile.objects.exists()


def test_a_document_that_swells_is_refused(taken: Taken) -> None:
    with pytest.raises(NotTaken) as refused:
        taken(pictures.document_bomb(), "bomb.pdf")
    assert refused.value.code == "too_much_inside"


def test_what_takes_too_long_is_refused(taken: Taken, settings: Settings) -> None:
    settings.INSPECTION_SECONDS = 0.01
    with pytest.raises(NotTaken) as refused:
        taken(pictures.picture())
    assert refused.value.code == "too_much_inside"


def test_a_document_is_kept_as_it_is_with_its_text(taken: Taken) -> None:
    whole = pictures.document("Page one", "Page two")
    row = taken(whole, "report.pdf")
    assert (row.content_type, row.pages, row.text_pages) == ("application/pdf", 2, 2)
    assert row.text == "Page one\fPage two"
    assert content(row) == whole


def test_sixty_megabytes_are_refused_before_anybody_looks_inside(taken: Taken) -> None:
    with pytest.raises(NotTaken, match=r"60.0 MB; the API takes less than 50.0 MB"):
        taken(b"\0" * 60_000_000, "large.png")


def test_whoever_uploads_without_end_has_to_wait(taken: Taken, settings: Settings) -> None:
    settings.UPLOADS_PER_MINUTE = 0
    with pytest.raises(NotTaken) as refused:
        taken(pictures.picture())
    assert refused.value.code == "too_many_uploads"


def test_the_same_content_lies_there_once_and_goes_with_the_last_who_has_it(
    taken: Taken, bob: User, tmp_path: Path
) -> None:
    first = taken(pictures.picture())
    second = Taken(bob, tmp_path / "other")(pictures.picture())
    assert first.content == second.content
    name = first.content.file
    assert attachments.discard(first)
    assert default_storage.exists(name)
    assert attachments.discard(second)
    assert not default_storage.exists(name)
    assert not StoredFile.objects.exists()


def test_what_is_never_sent_is_forgotten(taken: Taken) -> None:
    old, new = taken(pictures.picture()), taken(pictures.picture(colour="blue"))
    Attachment.objects.filter(pk=old.pk).update(created_at=clock.now() - timedelta(hours=25))
    assert attachments.forget_unsent() == 1
    assert list(Attachment.objects.all()) == [new]
    assert not default_storage.exists(old.content.file)


def test_a_content_whose_writer_died_is_forgotten_too(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"written, and then the process died")
    row = StoredFile.objects.get(pk=files.keep(path))
    assert not files.forget_unknown()
    StoredFile.objects.update(made_at=clock.now() - timedelta(hours=2))
    assert files.forget_unknown()
    assert not default_storage.exists(row.file)
