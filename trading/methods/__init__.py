"""The library of evaluation methods: what a document may choose, with which parameters, within which bounds of law.

How points are then made is the evaluation's matter (trading.evaluation.methods).
"""
