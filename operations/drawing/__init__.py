"""Draws the stacks as their programs make them: rendered → what is to be seen → SVG."""
