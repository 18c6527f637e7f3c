-- Bank holidays added to a region, or struck from it.
SELECT * FROM calendar_amendments WHERE region = :region ORDER BY number
