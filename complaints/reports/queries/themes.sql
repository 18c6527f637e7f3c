-- What the complaints were about that had an opinion in the period. One may be about several things.
WITH {reviews}
SELECT aspect,
    count(*) AS opinions,
    count(*) FILTER (WHERE NOT satisfactory) AS unsatisfactory
FROM opinion CROSS JOIN LATERAL (
    SELECT DISTINCT aspect FROM unnest(opinion.aspects) AS aspect WHERE aspect = ANY (:service)
) AS about
GROUP BY aspect
