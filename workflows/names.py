"""Names on the wire. They stand in histories and in other systems: changing one breaks those."""

WORKFLOW = "Complaint"
STATE_QUERY = "state"
EXPLAIN_QUERY = "explain"
DELIVERY = "Delivery"
DIGEST = "Digest"
ANNUAL_REPORT = "AnnualReport"
FORM_DIGEST_MEMO = "form_digest"
