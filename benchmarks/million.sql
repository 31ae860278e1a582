-- The rows of a ledger, for benchmarks/million.py, which fills in what stands in braces.
-- `sentence` is there already.

INSERT INTO conversations_endpoint (id, name, kind, base_url, api_version, auth, token_scope, key_name, vault_url,
    retention_days, settle_seconds, chat_reserve)
SELECT i, 'endpoint-' || i, 'azure_v1', 'https://' || i || '.example.com/openai/v1/', '', 'env', '', 'KEY', '',
    30, 60, 50 FROM generate_series(1, {endpoints}) i;
INSERT INTO conversations_deployment (id, endpoint_id, name, title, model, enabled, background, currency)
SELECT i, 1 + i % {endpoints}, 'deployment-' || i, 'Deployment ' || i, 'model-' || (i + 1) / 2, i <= 10, false, 'USD'
FROM generate_series(1, {deployments}) i;
INSERT INTO conversations_team (id, name, store_upstream) SELECT i, 'Team ' || i, true FROM generate_series(1, {teams}) i;
INSERT INTO conversations_user (id, username, password, first_name, last_name, email, is_superuser, is_staff,
    is_active, date_joined, role)
SELECT i, 'person' || i, '!', 'Person', i::text, '', false, false, true, now(),
    CASE i WHEN 1 THEN 'auditor' ELSE 'member' END FROM generate_series(1, {people}) i;
INSERT INTO conversations_membership (team_id, user_id, since)
SELECT 1 + i % {teams}, i, now() FROM generate_series(1, {people}) i;

-- Few people ask much, and the last two deployments were taken away after a third of the time.
CREATE TEMP TABLE talk AS
SELECT c, gen_random_uuid() AS id, 1 + floor({people} * power(random(), 2))::int AS person,
    1 + floor(power(random(), 1.5) * CASE WHEN c < {conversations} / 3 THEN {deployments} ELSE 10 END)::int
        AS deployment
FROM generate_series(0, {conversations} - 1) c;
INSERT INTO conversations_conversation (id, client_key, owner_id, team_id, visibility, deployment_id, title,
    instructions, choices, created_at, updated_at)
SELECT id, gen_random_uuid(), person, 1 + person % {teams}, 'team', deployment, 'About ' || c, '', '{{}}', now(), now()
FROM talk ORDER BY c;

-- In the order of time, as a ledger grows; every fifth of a conversation is an answer that was regenerated.
CREATE TEMP TABLE made AS
SELECT i, gen_random_uuid() AS id, gen_random_uuid() AS turn, talk.id AS talk, talk.person, talk.deployment,
    now() - make_interval(secs => {days} * 86400.0 * (1 - i::float8 / {count})) AS at,
    random() AS luck, random() AS fate, random() AS length, i % 33 = 0 AS imported,
    1 + floor(random() * {sentences})::int AS asked, 1 + floor(random() * {sentences})::int AS said,
    1 + floor(random() * {sentences})::int AS added
FROM generate_series(1, {count}) i JOIN talk ON talk.c = (i - 1) / {each};
CREATE INDEX ON made (i); ANALYZE made;
INSERT INTO conversations_turn (id, conversation_id, parent_id, author_id, client_key, number, choices, created_at)
SELECT turn, talk, NULL, person, gen_random_uuid(), 1 + (i - 1) % {each}, '{{}}', at FROM made WHERE NOT imported ORDER BY i;
INSERT INTO conversations_response (id, origin, turn_id, conversation_id, team_id, attempt, person_id, previous_id,
    endpoint_id, deployment_id, key_alias, response_id, status, revision, upstream_state, expires_at, stored, size,
    background, model, instructions, tools, parameters, history, history_reason, input_tokens, cached_tokens,
    output_tokens, reasoning_tokens, usage_estimated, cost, error, request_ids, repaired, queued_at, started_at,
    first_delta_at, ended_at, epoch, round)
SELECT made.id, CASE WHEN imported THEN 'import' ELSE 'chat' END, CASE WHEN NOT imported THEN turn END,
    CASE WHEN NOT imported THEN talk END, 1 + person % {teams}, 1, CASE WHEN NOT imported THEN person END,
    CASE WHEN i % {each} <> 1 AND NOT imported THEN lag(made.id) OVER (ORDER BY i) END,
    1 + deployment % {endpoints}, deployment, 'env:KEY', CASE WHEN luck > 0.005 THEN 'resp_' || md5(i::text) END,
    CASE WHEN fate < 0.93 THEN 'completed' WHEN fate < 0.955 THEN 'cancelled' WHEN fate < 0.965 THEN 'incomplete'
        WHEN fate < 0.99 THEN 'failed' ELSE 'interrupted' END,
    3,
    CASE WHEN luck <= 0.005 THEN 'not_learned' WHEN luck < 0.03 THEN 'not_stored'
        WHEN at < now() - interval '30 days' THEN CASE WHEN luck < 0.2 THEN 'deleted' ELSE 'expired' END
        WHEN luck < 0.1 THEN 'deleted' WHEN luck < 0.11 THEN 'absent' WHEN luck < 0.15 THEN 'unknown'
        ELSE 'stored' END,
    CASE WHEN luck <= 0.005 OR luck >= 0.03 THEN at + interval '30 days' END,
    luck <= 0.005 OR luck >= 0.03, 300 + floor(60000 * power(length, 6))::int, luck > 0.9,
    'model-' || (deployment + 1) / 2, '', '[]', '{{}}', 'chained', '',
    20 + floor(80000 * power(length, 8))::int, 0, 10 + floor(20000 * power(length, 8))::int, 0, false,
    round((0.0001 + 2 * power(length, 8))::numeric, 6),
    CASE WHEN fate >= 0.965 THEN jsonb_build_object('kind', CASE WHEN fate >= 0.99 THEN 'worker_lost'
        WHEN fate >= 0.9895 THEN 'content_filter' WHEN fate >= 0.98 THEN 'server_error' ELSE 'rate_limited' END) END,
    '{{}}', 0, at, at, at + interval '1 second', at + interval '9 seconds', 1, 1
FROM made ORDER BY i;

CREATE TEMP TABLE spoken AS
SELECT i, made.id, at, question.text AS question,
    answer.text || '. ' || more.text || CASE WHEN i % 3 = 0 THEN ' {common}' ELSE '' END
    || CASE WHEN i % 100 = 7 THEN ' {middling}' ELSE '' END
    || CASE WHEN i % greatest({count} / 40, 1) = 3 THEN ' {rare}' ELSE '' END AS answer
FROM made JOIN sentence question ON question.k = asked JOIN sentence answer ON answer.k = said
JOIN sentence more ON more.k = added;
INSERT INTO conversations_item (response_id, direction, position, item_id, type, role, payload, text)
SELECT spoken.id, way, position, '', type, role,
    jsonb_build_object('type', type, 'role', role, 'content', jsonb_build_array(jsonb_build_object('text', said))), said
FROM spoken CROSS JOIN LATERAL (VALUES ('input', 0, 'message', 'user', question),
    ('input', 1, 'message', 'developer', ''), ('output', 0, 'reasoning', '', ''),
    ('output', 1, 'message', 'assistant', answer)) AS item (way, position, type, role, said) ORDER BY i;
INSERT INTO conversations_searchtext (response_id, at, tokens)
SELECT id, at, lower(question || ' {pause} ' || replace(answer, '.', '')) FROM spoken ORDER BY i;

INSERT INTO conversations_hold (reason, lift_reason, placed_by_id, placed_at, starts_at, person_id, team_id, conversation_id, response_id)
SELECT 'A case', '', 1, now(), now(), 40000 + i, NULL::bigint, NULL::uuid, NULL::uuid FROM generate_series(1, 5) i
UNION ALL SELECT 'A case', '', 1, now(), now(), NULL, {teams} - i, NULL, NULL FROM generate_series(0, 4) i
UNION ALL SELECT 'A case', '', 1, now(), now(), NULL, NULL, id, NULL FROM (SELECT id FROM talk ORDER BY c LIMIT 10) first_ones
UNION ALL SELECT 'A case', '', 1, now(), now(), NULL, NULL, NULL, id FROM (SELECT id FROM made ORDER BY i DESC LIMIT 4) newest;
