"""The Hub over HTTP, simulated: what the tests of the live sources run against.

`listing` (the models and how they are paged), `quota` (rate limits), `faults` (what goes wrong, and when),
`archive` (the dataset with past listings), `application` (the routes), `serving` (the server).
"""
