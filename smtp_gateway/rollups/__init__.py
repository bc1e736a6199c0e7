"""What happened, counted: kept up to date by Celery, read by the overview and the sender's page."""
