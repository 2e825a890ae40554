"""Every chart of the report, with the data behind it and what it says in words.

`figure` says what a figure is and how it is rendered and written, `drawing` holds what charts are drawn with,
`catalogue` lists every figure; each other module is a group of charts that stand together on the page.
"""
