review_request AS MATERIALIZED (
    -- One row for each complaint that reached the reviewing tier, for the first time.
    SELECT DISTINCT ON (e.reference) e.reference, e.sequence, e.at, (e.detail ->> 'started_at')::timestamptz AS started_at, c.aspects
    FROM events e JOIN complaints c USING (reference)
    WHERE e.kind = 'tier_reached' AND e.detail ->> 'tier' = :review
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
    ORDER BY e.reference, e.sequence
),
review AS MATERIALIZED (
    -- How it ended at last: declined, an opinion, or closed without either. Reopening undoes the end before it.
    SELECT DISTINCT ON (a.reference)
        a.reference, a.sequence, a.at, a.started_at, a.aspects, d.at AS decided_at, d.sequence AS decision, d.detail,
        CASE d.kind
            WHEN 'give_opinion' THEN 'investigated'
            WHEN 'decline_review' THEN d.detail ->> 'ground'
            ELSE CASE d.detail ->> 'reason'
                WHEN 'withdrawn' THEN 'withdrawn'
                WHEN 'resolved' THEN 'withdrawn'
                WHEN 'signposted' THEN 'not_about_service'
                ELSE d.detail ->> 'reason'
            END
        END AS result
    FROM review_request a
    LEFT JOIN events d ON d.reference = a.reference AND d.sequence > a.sequence
        AND d.kind IN ('decline_review', 'give_opinion', 'closed')
        AND (d.kind = 'give_opinion' OR NOT EXISTS (
            SELECT FROM events r WHERE r.reference = d.reference AND r.sequence > d.sequence AND r.kind = 'reopened'
        ))
    ORDER BY a.reference, d.sequence
),
opinion AS MATERIALIZED (
    SELECT r.reference, r.decision, r.decided_at, r.aspects,
        (r.detail ->> 'satisfactory')::boolean AS satisfactory,
        r.detail -> 'recommendations' AS recommendations,
        (
            SELECT sum((each ->> 'pence')::bigint) FROM jsonb_array_elements(r.detail -> 'recommendations') AS each
        ) AS pence,
        EXISTS (
            SELECT FROM events e
            WHERE e.reference = r.reference AND e.sequence < r.decision AND e.kind IN ('reply', 'correct')
                AND jsonb_array_length(e.detail -> 'remedies') > 0
                AND NOT EXISTS (
                    SELECT FROM events later
                    WHERE later.reference = r.reference AND later.sequence > e.sequence AND later.kind = 'correct'
                        AND later.detail ->> 'tier' = e.detail ->> 'tier'
                )
        ) AS remedied_before
    FROM review r
    WHERE r.result = 'investigated' AND r.decided_at >= :start AND r.decided_at < :end
)
