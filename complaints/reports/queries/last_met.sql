-- Until when a calendar must reach to say how long anything took.
SELECT max(met_at) AS at FROM deadlines
