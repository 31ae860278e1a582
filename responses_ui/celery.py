"""The Celery application: a way to hand work to a worker, never the guarantee that it is done."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "responses_ui.settings")

app = Celery("responses_ui")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks([f"conversations.{room}" for room in ("chat", "retention", "people", "stored")])
