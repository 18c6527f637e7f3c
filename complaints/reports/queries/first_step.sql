-- Where the complaints received in the period began, and what became of them with the case handler.
WITH begun AS (
    SELECT c.closing_reason, c.closed_at,
        first_step.id = :case_handler AS with_case_handler,
        first_step.id IS NULL AS not_taken_up,
        EXISTS (
            SELECT FROM events e
            WHERE e.reference = c.reference AND e.kind = 'tier_reached' AND e.detail ->> 'tier' <> :case_handler
        ) AS reached_a_tier
    FROM complaints c LEFT JOIN LATERAL (
        SELECT e.detail ->> 'tier' AS id FROM events e
        WHERE e.reference = c.reference AND e.kind = 'tier_reached'
        ORDER BY e.sequence LIMIT 1
    ) AS first_step ON TRUE
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
