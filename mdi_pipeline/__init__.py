"""Which AI models change where the open ecosystem goes: the Model Disruption Index of the Hugging Face Hub.

Three wings. The science: `tables`, `compute`, `hub`, `lineage`, `network`, `disruption`, `statistics`, `history` and
`report` are plain libraries, frames in and frames out; `simulator`, a simulated Hub, stands beside them. Storage:
`lake`, and a `home` with its settings. Orchestration: all of Dagster. Then the command line, `cli`. Each package
imports only from those before it.
"""
