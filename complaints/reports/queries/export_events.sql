-- One row for each event, with its complaint.
SELECT c.reference, c.policy, c.status, c.tier, c.received_at, c.closed_at, c.closing_reason,
    array_to_string(c.aspects, ' ') AS aspects,
    e.sequence, e.at, e.recorded_at, e.kind, e.by, e.what, e.detail::text AS detail, e.words_digest, e.link,
    CASE WHEN :with_free_text THEN (
        SELECT jsonb_object_agg(w.field, w.text) FROM free_text w WHERE w.reference = e.reference AND w.sequence = e.sequence
    )::text END AS words,
    CASE WHEN :with_free_text THEN c.state::text END AS state,
    CASE WHEN :with_free_text THEN c.encrypted_state END AS encrypted_state
FROM complaints c JOIN events e USING (reference)
WHERE c.received_at >= :start AND c.received_at < :end
ORDER BY c.received_at, c.reference, e.sequence
