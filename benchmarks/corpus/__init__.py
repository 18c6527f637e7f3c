"""Generate a record of many closed complaints, made by the procedure from random acts."""
