-- How long each opinion of the period took from the day on which it could begin, and whether it met its target.
WITH {reviews}
SELECT (due.detail ->> 'day_0')::date AS began_on, (d.met_at AT TIME ZONE :zone)::date AS given_on,
    d.met_at < d.at AS within_target
FROM opinion o
JOIN LATERAL (
    SELECT * FROM deadlines
    WHERE reference = o.reference AND kind = 'opinion' AND met_at IS NOT NULL
    ORDER BY number DESC LIMIT 1
) AS d ON TRUE
JOIN LATERAL (
    SELECT detail FROM events
    WHERE reference = o.reference AND kind = 'deadline_set' AND (detail ->> 'deadline')::int = d.number
    ORDER BY sequence DESC LIMIT 1
) AS due ON TRUE
