"""Declare the activities: name, input and output. The worker injects what they do.

Each module is implemented in:

- `audit_root`: `worker/delivery/audit_root.py`
- `calendar`: `worker/recalendar.py` and `complaints/calendars/builder.py`
- `calendar_check`: `worker/delivery/calendar_check.py`
- `delivery`: `worker/delivery/deliverer.py`
- `digest`: `worker/delivery/digests.py`
- `directory`: `worker/staff_directory.py`
- `erasure`: `worker/retention/erase.py`
- `recalendar`: `worker/recalendar.py`
- `record`: `complaints/records/transitions/`, then `worker/delivery/outbox.py`
- `report`: `worker/annual_report.py`
- `retention`: `worker/retention/anonymise.py` and `worker/delivery/retention_notice.py`

`worker/composition.py`, `worker/delivery/start.py`, `worker/retention/start.py` and `worker/annual_report.py` connect
them.
"""
