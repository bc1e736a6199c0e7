"""Mail about alarms."""
