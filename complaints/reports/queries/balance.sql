-- Brought forward + referred = not investigated + investigated + awaiting; each figure is counted separately.
WITH {reviews},
referral AS (
    SELECT started_at AS referred_at, decided_at, result FROM review
    UNION ALL
    -- Several early requests about one complaint count once a year.
    SELECT min(a.owed_at), min(a.owed_at), 'too_early'
    FROM alerts a JOIN complaints c USING (reference)
    WHERE a.occasion = 'too_early' AND a.owed_at >= :start AND a.owed_at < :end
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
    GROUP BY a.reference
    UNION ALL
    -- Refused as out of time, and not accepted late within the year.
    SELECT min(l.owed_at), min(l.owed_at), 'out_of_time'
    FROM letters l JOIN complaints c USING (reference)
    WHERE l.occasion = 'escalation_out_of_time' AND l.detail ->> 'tier' = :review
        AND l.owed_at >= :start AND l.owed_at < :end
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
        AND NOT EXISTS (
            SELECT FROM review_request r WHERE r.reference = l.reference AND r.at >= l.owed_at AND r.at < :end
        )
    GROUP BY l.reference
),
placed AS (
    SELECT referred_at, decided_at, result,
        decided_at >= :start AND decided_at < :end AS decided
    FROM referral
)
SELECT
    count(*) FILTER (WHERE referred_at < :start AND (decided_at IS NULL OR decided_at >= :start)) AS brought_forward,
    count(*) FILTER (WHERE referred_at >= :start AND referred_at < :end) AS referred,
    count(*) FILTER (WHERE decided AND result = 'too_early') AS too_early,
    count(*) FILTER (WHERE decided AND result = 'out_of_time') AS out_of_time,
    count(*) FILTER (WHERE decided AND result = 'not_about_service') AS not_about_service,
    count(*) FILTER (WHERE decided AND result = 'already_considered') AS already_considered,
    count(*) FILTER (WHERE decided AND result = 'enquiry_only') AS enquiry_only,
    count(*) FILTER (WHERE decided AND result = 'withdrawn') AS withdrawn,
    count(*) FILTER (WHERE decided AND result = 'investigated') AS investigated,
    count(*) FILTER (WHERE referred_at < :end AND (decided_at IS NULL OR decided_at >= :end)) AS awaiting
FROM placed
