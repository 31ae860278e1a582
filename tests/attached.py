"""Attachments as rows with files, made without looking into anything."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conversations import clock
from conversations.models import Attachment, Response, User
from conversations.stored import files


def uploaded(user: User | None, content: bytes, **fields: Any) -> Attachment:
    """Not sent yet."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        path.write_bytes(content)
        known = {"content_type": "image/png", "name": "picture.png", "created_at": clock.now()}
        return Attachment.objects.create(content_id=files.keep(path, path), person=user, **known | fields)


def attached(response: Response, word: str) -> Attachment:
    """One that a response's items refer to, with a word in every place that an attachment has."""
    conversation = response.conversation
    person = conversation.owner if conversation else None
    said = {"name": word, "alt": word, "text": word, "conversation": conversation}
    row = uploaded(person, word.encode(), **said)
    row.responses.add(response)
    return row
