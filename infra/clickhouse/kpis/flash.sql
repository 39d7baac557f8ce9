-- name: Flash page
-- question: How do we stand today, in eight figures?
-- formula: the company rows of the KPIs named, over 90 days where they have a window
-- grain: company, one row a figure
-- subject: company
-- owner: sales direction
-- caveats: Never more than eight. as_of is the watermark of the data; the page is made anew every minute. Targets are those of the settings.
-- column position: Order on the page
-- column name: The figure
-- column unit: Its unit
-- column target: Target or limit of the settings; null shows none
SELECT position, name, value, unit, target, numerator, denominator, as_of
FROM flash_figures
