-- When the past of the flash figures was last made, by the clock on the wall, and how far the data had come then.
SELECT
    (SELECT maxOrNull(as_of) FROM flash_trends) AS as_of,
    (SELECT maxOrNull(last_success_time) FROM system.view_refreshes WHERE database = currentDatabase() AND view = 'flash_trends_made') AS made_at
