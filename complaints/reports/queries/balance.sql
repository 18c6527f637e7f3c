-- Brought forward + referred = not investigated + investigated + awaiting at the end; each side counted by itself.
WITH {reviews},
referral AS (
    -- Signposted by mistake and taken up again, it was referred anew when that happened.
    SELECT greatest(started_at, lag(decided_at) OVER (PARTITION BY reference ORDER BY sequence)) AS referred_at,
        decided_at, fate
    FROM review
    UNION ALL
    -- Whoever asks again before the time has come is counted once a year.
    SELECT min(a.owed_at), min(a.owed_at), 'too_early'
    FROM alerts a JOIN complaints c USING (reference)
    WHERE a.occasion = 'too_early' AND a.owed_at >= :start AND a.owed_at < :end
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
    GROUP BY a.reference
    UNION ALL
    -- Refused as too late, and not taken nevertheless within the year.
    SELECT min(l.owed_at), min(l.owed_at), 'out_of_time'
    FROM letters l JOIN complaints c USING (reference)
    WHERE l.occasion = 'escalation_out_of_time' AND l.detail ->> 'tier' = :review
        AND l.owed_at >= :start AND l.owed_at < :end
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
        AND NOT EXISTS (
            SELECT FROM asked WHERE asked.reference = l.reference AND asked.at >= l.owed_at AND asked.at < :end
        )
    GROUP BY l.reference
),
placed AS (
    SELECT referred_at, decided_at, fate,
        decided_at >= :start AND decided_at < :end AS decided
    FROM referral
)
SELECT
    count(*) FILTER (WHERE referred_at < :start AND (decided_at IS NULL OR decided_at >= :start)) AS brought_forward,
    count(*) FILTER (WHERE referred_at >= :start AND referred_at < :end) AS referred,
    count(*) FILTER (WHERE decided AND fate = 'too_early') AS too_early,
    count(*) FILTER (WHERE decided AND fate = 'out_of_time') AS out_of_time,
    count(*) FILTER (WHERE decided AND fate = 'not_about_service') AS not_about_service,
    count(*) FILTER (WHERE decided AND fate = 'already_considered') AS already_considered,
    count(*) FILTER (WHERE decided AND fate = 'enquiry_only') AS enquiry_only,
    count(*) FILTER (WHERE decided AND fate = 'withdrawn') AS withdrawn,
    count(*) FILTER (WHERE decided AND fate = 'investigated') AS investigated,
    count(*) FILTER (WHERE referred_at < :end AND (decided_at IS NULL OR decided_at >= :end)) AS awaiting
FROM placed
