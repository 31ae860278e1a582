"""What is in the ledger without an index becomes findable."""

from io import StringIO

import pytest
from django.core.management import call_command

from conversations.models import Conversation, SearchText
from tests.stored.rows import add_response

pytestmark = pytest.mark.django_db


def index_search(*options: str) -> str:
    out = StringIO()
    call_command("index_search", *options, stdout=out)
    return out.getvalue()


def test_what_is_missing_is_indexed_once_and_all_of_it_on_request(conversation: Conversation) -> None:
    rows = [add_response(conversation, ("walnut", "hazel")) for _number in range(3)]
    assert index_search() == "3 responses indexed.\n"
    assert SearchText.objects.get(response=rows[0]).tokens == "walnut | hazel"
    assert index_search() == "0 responses indexed.\n"
    assert index_search("--all") == "3 responses indexed.\n"
    assert SearchText.objects.count() == 3
