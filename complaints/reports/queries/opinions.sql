-- The results of the period's opinions, and the compensation that they recommend, by band.
WITH {reviews}
SELECT
    count(*) FILTER (WHERE satisfactory) AS satisfactory,
    count(*) FILTER (WHERE NOT satisfactory) AS unsatisfactory,
    count(*) FILTER (WHERE NOT satisfactory AND jsonb_array_length(recommendations) > 0) AS with_recommendations,
    count(*) FILTER (WHERE remedied_before) AS remedied_before,
    count(*) FILTER (WHERE NOT satisfactory AND remedied_before) AS unsatisfactory_remedied_before,
    count(pence) AS compensated,
    min(pence) AS least_pence,
    max(pence) AS most_pence,
    coalesce(sum(pence), 0)::bigint AS total_pence,
    ARRAY(
        SELECT count(opinion.pence)
        FROM generate_series(0, cardinality(:bounds)) AS band
        LEFT JOIN opinion ON width_bucket(opinion.pence, :bounds) = band
        GROUP BY band ORDER BY band
    ) AS bands
FROM opinion
