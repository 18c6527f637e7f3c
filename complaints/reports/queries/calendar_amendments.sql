-- What was added to the region's bank holidays, and struck from them.
SELECT * FROM calendar_amendments WHERE region = :region ORDER BY number
