"""Trigger addresses whose mail looks like bulk: seen by samples, flagged with the evidence."""
