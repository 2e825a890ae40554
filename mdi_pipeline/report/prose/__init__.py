"""What the report says in words: its headline, the findings, what each section says, and what was left out.

`wording` holds how numbers are written and what things are called, in sentences, tables and figures alike.
"""
