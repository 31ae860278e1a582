"""What the desk's first page shows, from what needs attention down to what happened last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise

from conversations.admin.charts import Chart

Words = str | Promise
Meaning = Literal["stored", "expiring", "held", "deleted", "failed"]


@dataclass(frozen=True)
class Attention:
    """One thing to look at; `count` leads the sentence, `url` is the list that holds exactly those rows."""

    meaning: Meaning
    icon: str
    count: int
    text: Words
    url: str


@dataclass(frozen=True)
class Figure:
    """A number with its name, such as what is stored now."""

    title: Words
    value: str
    note: Words = ""
    url: str = ""


@dataclass(frozen=True)
class Activity:
    icon: str
    who: str
    what: Words
    at: datetime
    url: str = ""


@dataclass(frozen=True)
class Overview:
    attention: Sequence[Attention] = field(default_factory=list)
    figures: Sequence[Figure] = field(default_factory=list)
    charts: Sequence[Chart] = field(default_factory=list)
    activity: Sequence[Activity] = field(default_factory=list)


def overview(user: AbstractBaseUser | AnonymousUser) -> Overview:
    return Overview()
