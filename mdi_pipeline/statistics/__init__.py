"""From scores to what they say: shares, means and medians of the indices, with intervals.

Frames in, frames out: nothing here knows where tables are kept. Import what you need from its module:
`ranking` is quick to import, what makes intervals is not.
"""
