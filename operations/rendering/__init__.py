"""Runs the projects' programs offline: what a stack would register, without engine, state or account."""

from operations.rendering.chain import render_chain
from operations.rendering.program import Unrenderable, configuration, render
from operations.rendering.recording import Known, Recorder, Registered, record

__all__ = [
    "Known",
    "Recorder",
    "Registered",
    "Unrenderable",
    "configuration",
    "record",
    "render",
    "render_chain",
]
