-- Timeliness of the complaints that reached a tier in the period: one row for each key, and one without for all.
-- `:working_days` has, for each day from `:first_day`, the number of working days up to it.
WITH tier AS (
    SELECT id, place FROM unnest(:tiers) WITH ORDINALITY AS tiers (id, place)
),
reached AS MATERIALIZED (
    -- A tier that takes a complaint up again has had it since the first time.
    SELECT e.reference, t.place, t.id AS tier, min((e.detail ->> 'started_at')::timestamptz) AS started_at
    FROM events e JOIN tier t ON t.id = e.detail ->> 'tier'
    WHERE e.kind = 'tier_reached' AND e.at >= :start
    GROUP BY e.reference, t.place, t.id
),
arrival AS MATERIALIZED (
    SELECT r.*, c.aspects, c.tier = r.tier AND c.status <> 'closed' AS is_here
    FROM reached r JOIN complaints c USING (reference)
    WHERE r.started_at >= :start AND r.started_at < :end
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
),
deadline AS (
    SELECT DISTINCT ON (d.reference, d.tier, d.kind = 'acknowledgement')
        d.reference, d.tier, d.kind = 'acknowledgement' AS acknowledges, d.first_at, d.at, d.met_at,
        d.met_at IS NULL AND d.lapsed_at IS NOT NULL AS missed
    FROM deadlines d
    WHERE d.kind IN ('acknowledgement', 'reply', 'opinion') AND d.first_at >= :start
    ORDER BY d.reference, d.tier, d.kind = 'acknowledgement', d.number DESC
),
reply AS (
    -- The last reply of each tier, as last corrected: one that closed a complaint by mistake may have been followed by
    -- another.
    SELECT DISTINCT ON (e.reference, e.detail ->> 'tier')
        e.reference, e.detail ->> 'tier' AS tier, e.detail ->> 'outcome' AS outcome,
        jsonb_array_length(e.detail -> 'remedies') > 0 AS has_remedy,
        (SELECT sum((remedy ->> 'pence')::bigint) FROM jsonb_array_elements(e.detail -> 'remedies') AS remedy) AS pence
    FROM events e
    WHERE e.kind IN ('reply', 'correct') AND e.at >= :start
    ORDER BY e.reference, e.detail ->> 'tier', e.sequence DESC
),
correction AS (
    SELECT e.reference, e.detail ->> 'tier' AS tier, count(*) AS number
    FROM events e
    WHERE e.kind = 'correct' AND e.at >= :start
    GROUP BY e.reference, e.detail ->> 'tier'
),
extended AS (
    SELECT DISTINCT l.reference, l.detail ->> 'tier' AS tier
    FROM letters l
    WHERE l.occasion = 'more_time' AND l.owed_at >= :start
),
passed_on AS (
    SELECT DISTINCT e.reference, e.detail ->> 'from' AS tier
    FROM events e
    WHERE e.kind = 'escalated_on_lapse' AND e.at >= :start
),
keyed_late AS (
    SELECT DISTINCT e.reference, d.tier
    FROM events e JOIN deadlines d ON d.reference = e.reference AND d.number = (e.detail ->> 'deadline')::int
    -- Recalculation withdraws lapses, too; those events have a rule (R14).
    WHERE e.kind = 'lapse_withdrawn' AND e.at >= :start AND e.detail ->> 'rule' IS NULL
),
holder AS (
    -- The last holder at each tier; empty unless grouped by holder.
    SELECT DISTINCT ON (reference, tier) reference, tier, holder
    FROM (
        SELECT DISTINCT ON (g.reference, g.sequence)
            g.reference, g.sequence, g.detail ->> 'to' AS holder, r.detail ->> 'tier' AS tier
        FROM events g
        JOIN events r ON r.reference = g.reference AND r.sequence < g.sequence AND r.kind = 'tier_reached'
        WHERE :by = 'holder' AND g.kind = 'given_to' AND g.at >= :start
        ORDER BY g.reference, g.sequence, r.sequence DESC
    ) AS assignment
    ORDER BY reference, tier, sequence DESC
),
tier_period AS MATERIALIZED (
    SELECT arrival.tier, arrival.started_at, arrival.aspects, holder.holder,
        arrival.is_here AND answer.met_at IS NULL AS is_open,
        coalesce(receipt.met_at < receipt.first_at, FALSE) AS acknowledged_in_time_at_first,
        coalesce(receipt.met_at < receipt.at, FALSE) AS acknowledged_in_time,
        receipt.met_at IS NOT NULL AS acknowledged,
        coalesce(receipt.missed, FALSE) AS acknowledgement_missed,
        coalesce(answer.met_at < answer.first_at, FALSE) AS answered_in_time_at_first,
        coalesce(answer.met_at < answer.at, FALSE) AS answered_in_time,
        answer.met_at IS NOT NULL AS answered,
        coalesce(answer.missed, FALSE) AS answer_missed,
        (:working_days)[(answer.met_at AT TIME ZONE :zone)::date - :first_day + 1]
            - (:working_days)[(arrival.started_at AT TIME ZONE :zone)::date - :first_day + 1] AS working_days,
        extended.tier IS NOT NULL AS extended,
        further.tier IS NOT NULL AND passed_on.tier IS NULL AS escalated,
        passed_on.tier IS NOT NULL AS passed_on,
        keyed_late.tier IS NOT NULL AS keyed_late,
        reply.outcome, coalesce(reply.has_remedy, FALSE) AS has_remedy, reply.pence, correction.number AS corrections
    FROM arrival
    LEFT JOIN deadline receipt
        ON receipt.reference = arrival.reference AND receipt.tier = arrival.tier AND receipt.acknowledges
    LEFT JOIN deadline answer
        ON answer.reference = arrival.reference AND answer.tier = arrival.tier AND NOT answer.acknowledges
    LEFT JOIN reply ON reply.reference = arrival.reference AND reply.tier = arrival.tier
    LEFT JOIN correction ON correction.reference = arrival.reference AND correction.tier = arrival.tier
    LEFT JOIN extended ON extended.reference = arrival.reference AND extended.tier = arrival.tier
    LEFT JOIN passed_on ON passed_on.reference = arrival.reference AND passed_on.tier = arrival.tier
    LEFT JOIN keyed_late ON keyed_late.reference = arrival.reference AND keyed_late.tier = arrival.tier
    LEFT JOIN holder ON holder.reference = arrival.reference AND holder.tier = arrival.tier
    LEFT JOIN reached further ON further.reference = arrival.reference AND further.place = arrival.place + 1
)
SELECT keys.key,
    count(*) AS received,
    count(*) FILTER (WHERE is_open) AS open,
    count(*) FILTER (WHERE acknowledged) AS acknowledged,
    count(*) FILTER (WHERE acknowledged_in_time_at_first) AS acknowledged_in_time_at_first,
    count(*) FILTER (WHERE acknowledged_in_time) AS acknowledged_in_time,
    count(*) FILTER (WHERE acknowledgement_missed) AS acknowledgement_missed,
    count(*) FILTER (WHERE answered) AS answered,
    count(*) FILTER (WHERE answered_in_time_at_first) AS answered_in_time_at_first,
    count(*) FILTER (WHERE answered_in_time) AS answered_in_time,
    count(*) FILTER (WHERE answer_missed) AS answer_missed,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY working_days) AS median_working_days,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY working_days) AS ninetieth_working_days,
    count(*) FILTER (WHERE extended) AS extended,
    count(*) FILTER (WHERE escalated) AS escalated,
    count(*) FILTER (WHERE passed_on) AS passed_on,
    count(*) FILTER (WHERE keyed_late) AS keyed_late,
    count(*) FILTER (WHERE outcome = 'upheld') AS upheld,
    count(*) FILTER (WHERE outcome = 'partly_upheld') AS partly_upheld,
    count(*) FILTER (WHERE outcome = 'not_upheld') AS not_upheld,
    count(*) FILTER (WHERE has_remedy) AS with_remedy,
    coalesce(sum(pence), 0)::bigint AS compensation_pence,
    coalesce(sum(corrections), 0)::bigint AS corrections
FROM tier_period CROSS JOIN LATERAL (
    SELECT NULL AS key
    UNION ALL SELECT tier_period.tier WHERE :by = 'tier'
    UNION ALL SELECT to_char(tier_period.started_at AT TIME ZONE :zone, 'YYYY-MM') WHERE :by = 'month'
    UNION ALL SELECT coalesce(tier_period.holder, '') WHERE :by = 'holder'
    UNION ALL (
        SELECT DISTINCT aspect FROM unnest(tier_period.aspects) AS aspect WHERE :by = 'aspect' AND aspect = ANY (:service)
    )
) AS keys
GROUP BY keys.key
ORDER BY keys.key NULLS LAST
