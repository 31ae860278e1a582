"""How many requests an endpoint may still get, shared by all processes through Redis.

Chats debit what they use and never wait. Bulk work asks for a grant before it takes anything up: it leaves
chats a reserve, sends nothing before the time that upstream's `Retry-After` names, and where nobody knows how
much the endpoint takes it finds out, by going slower when more than one request in ten is refused.
"""

import hashlib
from dataclasses import dataclass

from redis.asyncio import Redis

from conversations.responses_api.endpoints import Endpoint

Command = tuple[str | float, ...]

# Upstream said 429 and no time.
USUAL_WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Rate:
    """What the endpoint takes, if that is known, and the percentage of ten seconds of it left to chats."""

    per_minute: int | None = None
    reserve: int = 50


@dataclass(frozen=True)
class Grant:
    """`wait`: seconds until it makes sense to ask again; 0 where everything was granted."""

    requests: int
    wait: float = 0.0


# A bucket of ten seconds' worth. Whatever chats debit may make it negative; the time mends that.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local names = {'tokens', 'at', 'not_before', 'rate', 'sent', 'refused', 'since'}
local raw = redis.call('HMGET', KEYS[1], unpack(names))
local state = {}
for number, name in ipairs(names) do state[name] = tonumber(raw[number] or '') end

local function keep(values)
  for name, value in pairs(values) do redis.call('HSET', KEYS[1], name, string.format('%.6f', value)) end
end
"""

_GRANT = (
    _TAKE
    + """
local wanted, per_minute, reserve = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]) / 100
if (state.not_before or 0) > now then return {0, math.ceil((state.not_before - now) * 1000)} end

local elapsed = now - (state.at or 0)
local per_second = per_minute / 60
if per_minute == 0 and state.rate then
  per_second = state.rate * (1 + math.min(elapsed, 10) / 20)
  if per_second > 2000 then redis.call('HDEL', KEYS[1], 'rate') else keep({rate = per_second}) end
end

local granted, wait = wanted, 0
if per_second > 0 then
  local capacity = math.max(1, per_second * 10)
  local tokens = math.min(capacity, (state.tokens or 0) + elapsed * per_second)
  local left = math.min(capacity * reserve, capacity - 1)
  granted = math.max(0, math.min(wanted, math.floor(tokens - left)))
  if granted == 0 then wait = math.ceil((left + 1 - tokens) / per_second * 1000) end
  keep({tokens = tokens - granted})
end
if now - (state.since or 0) > 10 then state.sent = 0; keep({since = now, refused = 0}) end
keep({at = now, sent = (state.sent or 0) + granted})
return {granted, wait}
"""
)

_REST = (
    _TAKE
    + """
local until_ = now + tonumber(ARGV[1])
if until_ > (state.not_before or 0) then keep({not_before = until_}) end
"""
)

_REFUSED = (
    _REST
    + """
local sent, refused = state.sent or 0, (state.refused or 0) + 1
if sent >= 20 and refused > sent / 10 then
  local seen = sent / math.max(now - (state.since or 0), 0.1)
  keep({rate = math.max(1, 0.7 * math.min(state.rate or seen, seen)), tokens = 0})
  sent, refused = 0, 0
  keep({since = now})
end
keep({sent = sent, refused = refused})
return 0
"""
)


def key_of(endpoint: Endpoint) -> str:
    return f"responses_ui:budget:{hashlib.sha256(endpoint.base_url.encode()).hexdigest()[:16]}"


def rest(endpoint: Endpoint) -> tuple[str, str]:
    """Where it stands until when upstream wants to rest, in seconds since 1970."""
    return key_of(endpoint), "not_before"


def debit(endpoint: Endpoint) -> Command:
    """The command that notes one request of a chat, for a pipeline that is sent anyway."""
    return ("HINCRBYFLOAT", key_of(endpoint), "tokens", -1)


def must_rest(endpoint: Endpoint, retry_after: float | None) -> Command:
    """The same for a chat to which upstream said 429: bulk work rests as long; its own rate stays."""
    return ("EVAL", _REST, 1, key_of(endpoint), USUAL_WAIT_SECONDS if retry_after is None else retry_after)


class Budget:
    """Raises redis.RedisError while Redis is away: then bulk work has no budget."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._grant = redis.register_script(_GRANT)
        self._refused = redis.register_script(_REFUSED)

    async def grant(self, endpoint: Endpoint, wanted: int, rate: Rate) -> Grant:
        arguments = [wanted, rate.per_minute or 0, rate.reserve]
        requests, milliseconds = await self._grant(keys=[key_of(endpoint)], args=arguments)
        return Grant(requests, milliseconds / 1000)

    async def give_back(self, endpoint: Endpoint, requests: int) -> None:
        """What was granted and not used."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hincrbyfloat(key_of(endpoint), "tokens", requests)
            pipe.hincrbyfloat(key_of(endpoint), "sent", -requests)
            await pipe.execute()

    async def refused(self, endpoint: Endpoint, retry_after: float | None) -> None:
        """Upstream said 429: until then nobody gets a grant."""
        wait = USUAL_WAIT_SECONDS if retry_after is None else retry_after
        await self._refused(keys=[key_of(endpoint)], args=[wait])
