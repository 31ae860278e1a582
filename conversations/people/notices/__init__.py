"""What waits for somebody, or has happened: told once, in the inbox, by e-mail and through webhooks.

    notices.tell(NoticeKind.SECOND_SIGNATURE, to=Audience.DELETERS, subject=job, but_not=user, facts={…})
    notices.settle(NoticeKind.SECOND_SIGNATURE, subject=job, by=other)

`tell` may be said again as often as one likes: an open matter only gets the newer facts.
"""

from conversations.models.notices import Audience, NoticeKind
from conversations.people.notices.telling import open_subjects, settle, tell

__all__ = ["Audience", "NoticeKind", "open_subjects", "settle", "tell"]
