"""How environments differ from the cloud, from the code and from one another, and why.

read → canonicalise → compare → attribute → waive → report → render
"""
