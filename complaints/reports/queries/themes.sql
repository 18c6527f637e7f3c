-- Opinions of the period by aspect. A complaint may have several aspects.
WITH {reviews}
SELECT aspect,
    count(*) AS opinions,
    count(*) FILTER (WHERE NOT satisfactory) AS unsatisfactory
FROM opinion CROSS JOIN LATERAL (
    SELECT DISTINCT aspect FROM unnest(opinion.aspects) AS aspect WHERE aspect = ANY (:service)
) AS about
GROUP BY aspect
