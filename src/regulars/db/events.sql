-- name: by_id
-- Read one event. Its id does not tell its bucket, so all of them are asked: one look into an index each.
SELECT
  member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop, associate,
  member_version, programme_version, body, answer, seen
FROM event
WHERE bucket = ANY ($1::integer[])
  AND event_id = $3
  AND programme_id = $2;

-- name: timeline
-- Read a page of what happened to a member and to those merged into it, the latest first.
SELECT
  happened.member_id, happened.event_id, happened.programme_id, happened.type, happened.source,
  happened.source_id, happened.occurred_at, happened.recorded_at, happened.channel, happened.shop,
  happened.associate, happened.member_version, happened.programme_version, happened.body, happened.answer, happened.seen
FROM json_to_recordset($2::json) AS wanted (bucket integer, member_id uuid)
CROSS JOIN LATERAL (
  SELECT
    member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop,
    associate, member_version, programme_version, body, answer, seen
  FROM event
  WHERE event.bucket = wanted.bucket
    AND event.member_id = wanted.member_id
    AND event.programme_id = $1
    AND (event.occurred_at, event.event_id) < ($3::timestamptz, $4::uuid)
    AND ($6::text IS NULL OR event.type = $6)
    AND ($7::text IS NULL OR event.channel = $7)
  ORDER BY event.occurred_at DESC, event.event_id DESC
  LIMIT $5
) AS happened
ORDER BY happened.occurred_at DESC, happened.event_id DESC
LIMIT $5;

-- name: stream
-- Read everything that happened, member by member, in the order in which it was decided.
SELECT
  member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop, associate,
  member_version, programme_version, body, answer, seen
FROM event
WHERE programme_id = $1
ORDER BY bucket, member_id, member_version;

-- name: count
-- Count what happened.
SELECT count(*)
FROM event
WHERE programme_id = $1;

-- name: of_member
-- Read what happened to a member before it came to a version, in the order in which it was decided.
SELECT
  member_id, event_id, programme_id, type, source, source_id, occurred_at, recorded_at, channel, shop, associate,
  member_version, programme_version, body, answer, seen
FROM event
WHERE bucket = $2
  AND member_id = $3
  AND programme_id = $1
  AND member_version < $4
ORDER BY member_version;
