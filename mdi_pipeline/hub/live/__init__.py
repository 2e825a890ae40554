"""The live Hub as a source: the raw listing, page by page, each page written down as it comes.

`listing` (what is asked for, and cursors), `pacing` (the rate limit), `client` (one page, whatever the
network does), `journal` (the pages that have come, on disk), `full` and `incremental` (the two ways of
crawling), `progress` (what is told of it), `source` (crawls).
"""
