"""The user's organisation: one file of values, from which the stack files are written.

organisation.yaml → Organisation → identity values of each stack → stack files
"""
