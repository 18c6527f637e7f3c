-- Brought forward + received = closed + open, of all complaints; each figure is counted separately.
WITH placed AS (
    SELECT c.reference, c.received_at, c.closing_reason,
        coalesce(c.closed_at < :end, FALSE) AS is_closed,
        o.detail ->> 'capacity' AS capacity
    FROM complaints c LEFT JOIN events o ON o.reference = c.reference AND o.sequence = 1
    WHERE c.received_at < :end AND (c.closed_at IS NULL OR c.closed_at >= :start)
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
),
closed AS (
    SELECT closing_reason AS reason, count(*) AS number FROM placed WHERE is_closed GROUP BY closing_reason
),
still_open AS (
    -- With the step that had it at the end of the period.
    SELECT step.id, count(*) AS number
    FROM placed p LEFT JOIN LATERAL (
        SELECT e.detail ->> 'tier' AS id FROM events e
        WHERE e.reference = p.reference AND e.kind = 'tier_reached' AND e.at < :end
        ORDER BY e.sequence DESC LIMIT 1
    ) AS step ON TRUE
    WHERE NOT p.is_closed
    GROUP BY step.id
),
received AS (
    SELECT capacity, count(*) AS number FROM placed WHERE received_at >= :start GROUP BY capacity
)
SELECT
    (SELECT count(*) FROM placed WHERE received_at < :start) AS brought_forward,
    (SELECT count(*) FROM placed WHERE received_at >= :start) AS received,
    (SELECT coalesce(jsonb_object_agg(reason, number), '{}') FROM closed) AS closed,
    (SELECT count(*) FROM placed WHERE NOT is_closed) AS open,
    (SELECT coalesce(jsonb_object_agg(coalesce(id, ''), number), '{}') FROM still_open) AS open_at,
    (SELECT coalesce(jsonb_object_agg(coalesce(capacity, ''), number), '{}') FROM received) AS received_from
