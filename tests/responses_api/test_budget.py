"""The budget of requests that chats and bulk deletions share through Redis."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from conversations import bus
from conversations.responses_api import Auth, Endpoint, EndpointKind
from conversations.responses_api.budget import Budget, Rate, debit, key_of, must_rest


@pytest.fixture
async def budget() -> AsyncIterator[Budget]:
    client = bus.async_client()
    yield Budget(client)
    await client.aclose()


@pytest.fixture
def endpoint() -> Endpoint:
    url = f"http://127.0.0.1:9/{uuid4().hex}/v1/"
    return Endpoint(kind=EndpointKind.OPENAI, base_url=url, auth=Auth.NONE)


async def test_where_nothing_is_known_everything_is_granted(budget: Budget, endpoint: Endpoint) -> None:
    for _ in range(5):
        assert (await budget.grant(endpoint, 100, Rate())).requests == 100


async def test_deletions_leave_chats_a_reserve(budget: Budget, endpoint: Endpoint) -> None:
    rate = Rate(per_minute=600, reserve=40)
    assert (await budget.grant(endpoint, 1000, rate)).requests == 60
    grant = await budget.grant(endpoint, 1000, rate)
    assert grant.requests <= 30, "what a slow machine took to ask again has been earned meanwhile"
    assert grant.requests or grant.wait > 0


async def test_what_chats_use_is_missing_for_deletions_and_never_waits(
    budget: Budget, endpoint: Endpoint
) -> None:
    rate = Rate(per_minute=600, reserve=50)
    await budget.grant(endpoint, 1, rate)
    async with bus.async_client() as client:
        pipe = client.pipeline(transaction=False)
        for _ in range(500):
            pipe.execute_command(*debit(endpoint))
        await pipe.execute()
    grant = await budget.grant(endpoint, 100, rate)
    assert grant.requests == 0
    assert grant.wait > 5


async def test_a_slow_endpoint_still_grants_one_now_and_then(budget: Budget, endpoint: Endpoint) -> None:
    rate = Rate(per_minute=1, reserve=100)
    assert (await budget.grant(endpoint, 100, rate)).requests == 1
    grant = await budget.grant(endpoint, 100, rate)
    assert grant.requests == 0
    assert 30 < grant.wait <= 61


async def test_nobody_sends_before_upstream_allows_it(budget: Budget, endpoint: Endpoint) -> None:
    await budget.refused(endpoint, 30)
    await budget.refused(endpoint, 1)
    grant = await budget.grant(endpoint, 10, Rate())
    assert grant.requests == 0
    assert 20 < grant.wait <= 30
    other = Endpoint(kind=EndpointKind.OPENAI, base_url="http://127.0.0.1:9/v1/", auth=Auth.NONE)
    assert (await budget.grant(other, 10, Rate())).requests == 10


async def test_what_upstream_asks_of_a_chat_holds_for_deletions_too(
    budget: Budget, endpoint: Endpoint
) -> None:
    async with bus.async_client() as client:
        pipe = client.pipeline(transaction=False)
        pipe.execute_command(*must_rest(endpoint, 30))
        pipe.execute_command(*must_rest(endpoint, None))
        await pipe.execute()
    grant = await budget.grant(endpoint, 10, Rate())
    assert grant.requests == 0
    assert 20 < grant.wait <= 30


async def test_one_that_refuses_much_is_asked_less(budget: Budget, endpoint: Endpoint) -> None:
    await budget.grant(endpoint, 100, Rate())
    for _ in range(30):
        await budget.refused(endpoint, 0.01)
    await asyncio.sleep(0.02)
    async with bus.async_client() as client:
        rate = float(await client.hget(key_of(endpoint), "rate") or 0)
    assert 1 <= rate <= 700
    await budget.give_back(endpoint, 0)


async def test_one_that_refuses_seldom_is_not(budget: Budget, endpoint: Endpoint) -> None:
    await budget.grant(endpoint, 100, Rate())
    for _ in range(5):
        await budget.refused(endpoint, 0.01)
    await asyncio.sleep(0.02)
    assert (await budget.grant(endpoint, 100, Rate())).requests == 100
