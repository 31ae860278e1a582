from conversations.pauses import collect_seldom

collect_seldom()

from responses_ui.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
