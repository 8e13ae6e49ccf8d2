"""Run notebooks many times, each by papermill, on this machine or on a cluster: python -m helpers.batch --help."""

from helpers.batch.recording import record

__all__ = ["record"]
