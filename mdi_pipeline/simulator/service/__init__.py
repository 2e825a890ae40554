"""The simulated Hub over HTTP: what the tests of the live sources run against.

The modules, in the order in which ideas flow:

- `pages`: the models as JSON records, and how the Hub pages them.
- `archive`: the dataset with past listings.
- `quota`: the rate limit.
- `faults`: what goes wrong, and with which call.
- `answers`: a page as it is sent, whole, damaged or hostile.
- `server`: the routes, and the server that runs them.
- `hubs`: a simulation or a folder of crawls, ready to be served.
"""
