"""Names of workflows and queries on the wire.

Do not change them: histories and clients hold them.
"""

WORKFLOW = "Complaint"
STATE_QUERY = "state"
EXPLAIN_QUERY = "explain"
ANSWER_QUERY = "answer"
WAITING_QUERY = "waiting"
DELIVERY = "Delivery"
DIGEST = "Digest"
ANNUAL_REPORT = "AnnualReport"
RETENTION = "Retention"
ERASURE = "Erasure"
PROGRESS_QUERY = "progress"
RECALENDAR = "Recalendar"
RECALENDAR_ID = "run:recalendar"
"""One run at a time: a second command watches the first one's. No complaint's reference has a colon."""
RECALENDAR_LATER = "RecalendarLater"
RECALENDAR_LATER_ID = "run:recalendar-later"
"""One run at a time: the next command's run replaces it."""
CALENDAR_CHECK = "CalendarCheck"
FORM_DIGEST_MEMO = "form_digest"
