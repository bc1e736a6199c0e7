"""The door for mail that comes back: SMTP for return-path hosts, and for nothing else."""
