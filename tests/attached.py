"""A file that a response's items refer to, with a word in every place that an attachment has."""

from pathlib import Path
from tempfile import TemporaryDirectory

from conversations import clock
from conversations.models import Attachment, Response
from conversations.stored import files


def attached(response: Response, word: str) -> Attachment:
    conversation = response.conversation
    person = conversation.owner if conversation else None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "content"
        path.write_bytes(word.encode())
        row = Attachment.objects.create(
            content_id=files.keep(path, path),
            content_type="image/png",
            name=word,
            alt=word,
            text=word,
            person=person,
            conversation=conversation,
            created_at=clock.now(),
        )
    row.responses.add(response)
    return row
