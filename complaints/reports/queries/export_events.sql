-- One row for each event, with its complaint.
SELECT c.reference, c.policy, c.status, c.tier, c.received_at, c.closed_at, c.closing_reason,
    array_to_string(c.aspects, ' ') AS aspects,
    e.sequence, e.at, e.recorded_at, e.kind, e.by, e.what, e.detail::text AS detail, e.words_digest, e.link,
    CASE WHEN :with_free_text THEN (
        SELECT jsonb_object_agg(w.field, w.text) FROM free_text w WHERE w.reference = e.reference AND w.sequence = e.sequence
    )::text END AS words,
    CASE WHEN :with_free_text THEN c.state #>> '{form,complainant,name}' END AS complainant,
    CASE WHEN :with_free_text THEN c.state #>> '{form,complainant,capacity}' END AS capacity,
    CASE WHEN :with_free_text THEN c.state #>> '{form,complainant,represents}' END AS represents,
    CASE WHEN :with_free_text THEN c.state #>> '{form,complainant,authority}' END AS authority,
    CASE WHEN :with_free_text THEN (
        SELECT nullif(jsonb_object_agg(n.key, n.value), '{}') FROM jsonb_each(c.state #> '{form,complainant,needs}') n
        WHERE n.value NOT IN ('null', 'false')
    )::text END AS needs,
    CASE WHEN :with_free_text THEN c.state #>> '{form,complainant,email}' END AS email,
    CASE WHEN :with_free_text THEN c.state #>> '{form,complainant,address}' END AS address,
    CASE WHEN :with_free_text THEN c.state #>> '{form,case,reference}' END AS case_reference
FROM complaints c JOIN events e USING (reference)
WHERE c.received_at >= :start AND c.received_at < :end
ORDER BY c.received_at, c.reference, e.sequence
