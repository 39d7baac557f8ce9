-- The past of the flash figures, oldest first; made every ten minutes.
SELECT name, ends_on, value FROM flash_trends WHERE value IS NOT NULL ORDER BY name, ends_on
