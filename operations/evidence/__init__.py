"""Evidence for auditors: one JSON document and one HTML page about a deployed environment.

stacks, record, drift, reviewed files ──▶ collect ──▶ document with a digest ──▶ JSON, HTML
"""
