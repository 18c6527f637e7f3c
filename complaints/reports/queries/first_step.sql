-- Where the complaints received in the period began, and what became of them with the case handler.
WITH reached AS MATERIALIZED (
    SELECT e.reference, (array_agg(e.detail ->> 'tier' ORDER BY e.sequence))[1] AS first_step,
        bool_or(e.detail ->> 'tier' <> :case_handler) AS reached_a_tier
    FROM events e
    WHERE e.kind = 'tier_reached' AND e.at >= :start
    GROUP BY e.reference
),
begun AS (
    SELECT c.closing_reason, c.closed_at, r.reference IS NULL AS not_taken_up,
        coalesce(r.first_step = :case_handler, FALSE) AS with_case_handler, r.reached_a_tier
    FROM complaints c LEFT JOIN reached r ON r.reference = c.reference
    WHERE c.received_at >= :start AND c.received_at < :end
        AND split_part(c.policy, ' ', 1) = :policy
        AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
)
SELECT
    count(*) FILTER (WHERE not_taken_up) AS not_taken_up,
    count(*) FILTER (WHERE NOT not_taken_up AND NOT with_case_handler) AS at_first_tier,
    count(*) FILTER (WHERE with_case_handler) AS with_case_handler,
    count(*) FILTER (WHERE with_case_handler AND reached_a_tier) AS passed_on,
    count(*) FILTER (WHERE with_case_handler AND NOT reached_a_tier AND closing_reason = 'settled') AS settled,
    count(*) FILTER (
        WHERE with_case_handler AND NOT reached_a_tier AND closed_at IS NOT NULL AND closing_reason <> 'settled'
    ) AS closed_otherwise,
    count(*) FILTER (WHERE with_case_handler AND NOT reached_a_tier AND closed_at IS NULL) AS still_there
FROM begun
