"""Names of workflows and queries on the wire.

Do not change them: histories and clients hold them.
"""

from activities import workflow_types

WORKFLOW = workflow_types.COMPLAINT
STATE_QUERY = "state"
EXPLAIN_QUERY = "explain"
ANSWER_QUERY = "answer"
WAITING_QUERY = "waiting"
CHAIN_QUERY = "chain"
DELIVERY = workflow_types.DELIVERY
DIGEST = workflow_types.DIGEST
ANNUAL_REPORT = workflow_types.ANNUAL_REPORT
RETENTION = workflow_types.RETENTION
ERASURE = workflow_types.ERASURE
PROGRESS_QUERY = "progress"
RECALENDAR = workflow_types.RECALENDAR
RECALENDAR_ID = "run:recalendar"
"""One run at a time: a second command watches the first one's. No complaint's reference has a colon."""
RECALENDAR_LATER = workflow_types.RECALENDAR_LATER
RECALENDAR_LATER_ID = "run:recalendar-later"
"""One run at a time: the next command's run replaces it."""
CALENDAR_CHECK = workflow_types.CALENDAR_CHECK
AUDIT_ROOT = workflow_types.AUDIT_ROOT
FORM_DIGEST_MEMO = "form_digest"
OPENED_BY_MEMO = "opened_by"
