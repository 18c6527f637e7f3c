-- One row for each recommendation of each unsatisfactory opinion of the period, with the service's answer.
WITH {reviews}
SELECT o.reference, o.aspects, o.remedied_before, each.number, each.recommendation ->> 'kind' AS kind,
    (each.recommendation ->> 'pence')::bigint AS pence, (a.detail ->> 'accepted')::boolean AS accepted,
    u.carried_out_at IS NOT NULL AS carried_out, u.lapsed_at IS NOT NULL AS lapsed
FROM opinion o
JOIN complaints c USING (reference)
LEFT JOIN LATERAL jsonb_array_elements(o.recommendations) WITH ORDINALITY AS each (recommendation, number) ON TRUE
LEFT JOIN events a ON a.reference = o.reference AND a.sequence > o.decision AND a.kind = 'answer_recommendation'
    AND (a.detail ->> 'recommendation')::int = each.number
LEFT JOIN undertakings u ON u.reference = o.reference
    AND u.number = (c.view -> 'recommendations' -> (each.number::int - 1) ->> 'undertaking')::int
WHERE NOT o.satisfactory
ORDER BY o.decided_at, o.reference, each.number
