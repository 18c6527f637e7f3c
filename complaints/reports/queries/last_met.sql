-- The last instant for which durations need a calendar.
SELECT max(met_at) AS at FROM deadlines
