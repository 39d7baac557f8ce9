-- The flash page: figures of the whole company, at most eight.
SELECT position, name, value, unit, target, numerator, denominator, as_of FROM kpi_flash ORDER BY position
