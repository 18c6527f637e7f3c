"""Names of workflows and queries on the wire.

Do not change them: histories and clients hold them.
"""

WORKFLOW = "Complaint"
STATE_QUERY = "state"
EXPLAIN_QUERY = "explain"
ANSWER_QUERY = "answer"
DELIVERY = "Delivery"
DIGEST = "Digest"
ANNUAL_REPORT = "AnnualReport"
RETENTION = "Retention"
ERASURE = "Erasure"
PROGRESS_QUERY = "progress"
RECALENDAR = "Recalendar"
CALENDAR_CHECK = "CalendarCheck"
FORM_DIGEST_MEMO = "form_digest"
