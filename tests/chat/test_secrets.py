"""A key is used in many places and written down in none."""

from collections.abc import Iterator

import pytest
import redis

from tests.stack import KEY, PASSWORD, Stack
from tests.talk import chatting, fault

pytestmark = pytest.mark.processes


def kept_in_redis(stack: Stack) -> Iterator[bytes]:
    client = redis.Redis.from_url(stack.redis_url)
    try:
        for key in client.scan_iter(count=1000):
            yield key
            yield client.dump(key) or b""
    finally:
        client.close()


async def test_no_secret_is_in_a_row_a_log_or_redis(stack: Stack) -> None:
    async with chatting(stack) as tab:
        for trouble in ("", "401", "403", "500", "cut"):
            if trouble:
                await fault(stack, trouble)
            await tab.ask("Hello")
    redis_password = stack.redis_url.split("@")[0].rsplit(":", 1)[-1]
    rows = stack.manage("dumpdata", "--all")
    logs = "\n".join(text for _name, text in stack.logs())
    everything = [rows.encode(), logs.encode(), *kept_in_redis(stack)]
    assert len(rows) > 1000
    for secret in (KEY, PASSWORD, redis_password, stack.env["SECRET_KEY"], stack.env["AUDIT_KEY"]):
        assert not any(secret.encode() in text for text in everything)
