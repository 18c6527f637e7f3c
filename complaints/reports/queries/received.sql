-- Complaints received in the period. Complaints opened in error are counted separately.
SELECT
    count(*) FILTER (WHERE NOT in_error) AS received,
    count(*) FILTER (WHERE closing_reason = 'signposted') AS signposted,
    count(*) FILTER (WHERE closing_reason = 'out_of_time') AS out_of_time,
    count(*) FILTER (WHERE in_error) AS opened_in_error,
    ARRAY(
        SELECT count(c.reference)
        FROM generate_series(CAST(:first_month AS timestamp), CAST(:last_month AS timestamp), interval '1 month') AS month
        LEFT JOIN complaints c ON date_trunc('month', c.received_at AT TIME ZONE :zone) = month
            AND c.received_at >= :start AND c.received_at < :end
            AND split_part(c.policy, ' ', 1) = :policy AND c.closing_reason IS DISTINCT FROM 'opened_in_error'
        GROUP BY month ORDER BY month
    ) AS by_month
FROM (
    SELECT closing_reason, closing_reason IS NOT DISTINCT FROM 'opened_in_error' AS in_error
    FROM complaints
    WHERE received_at >= :start AND received_at < :end AND split_part(policy, ' ', 1) = :policy
) AS received_in_period
