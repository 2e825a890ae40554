"""Which AI models change where the open ecosystem goes: the Model Disruption Index of the Hugging Face Hub.

Data flows through the sub-packages in this order; each knows only those before it:
`tables`, `hub`, `lineage`, `network`, `disruption`, `statistics`, `report`, `lake`, `assets`, `cli`.
"""
