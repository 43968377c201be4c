"""Brings environments up, previews them and takes them down, project by project.

plan (pure) → execute: preview with the policy pack, apply, check the state → outcomes → render
"""
