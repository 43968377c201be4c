"""Checks what an account needs before payments go through it, and no stack of the project makes.

read (AWS, configuration, engine) → check → finding: passed, failed or not checked
"""
