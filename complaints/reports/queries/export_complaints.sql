-- One row for each complaint: all of its record as JSON, and what of it is encrypted.
SELECT c.reference, jsonb_strip_nulls(jsonb_build_object(
    'reference', c.reference, 'policy', c.policy, 'status', c.status, 'tier', c.tier, 'holder', c.holder,
    'opened_at', c.opened_at, 'received_at', c.received_at, 'closed_at', c.closed_at,
    'closing_reason', c.closing_reason, 'aspects', to_jsonb(c.aspects), 'case_open', c.case_open,
    'window_ends_at', c.window_ends_at, 'next_due_at', c.next_due_at, 'overdue', c.overdue,
    'form', CASE WHEN :with_free_text THEN c.state -> 'form' END,
    'deadlines', (
        SELECT jsonb_agg(to_jsonb(d) - 'reference' ORDER BY d.number) FROM deadlines d WHERE d.reference = c.reference
    ),
    'undertakings', (
        SELECT jsonb_agg(to_jsonb(u) - 'reference' - CASE WHEN :with_free_text THEN '' ELSE 'what' END ORDER BY u.number)
        FROM undertakings u WHERE u.reference = c.reference
    ),
    'events', (
        SELECT jsonb_agg(
            to_jsonb(e) - 'reference' || jsonb_build_object('words', CASE WHEN :with_free_text THEN (
                SELECT jsonb_object_agg(w.field, w.text) FROM free_text w
                WHERE w.reference = e.reference AND w.sequence = e.sequence
            ) END)
            ORDER BY e.sequence
        )
        FROM events e WHERE e.reference = c.reference
    ),
    'deliveries', (
        SELECT jsonb_agg(to_jsonb(s) - 'reference' ORDER BY s.sequence, s."to")
        FROM deliveries s WHERE s.reference = c.reference
    )
))::text AS record,
    CASE WHEN :with_free_text THEN c.encrypted_state END AS encrypted_state
FROM complaints c
WHERE c.received_at >= :start AND c.received_at < :end
ORDER BY c.received_at, c.reference
