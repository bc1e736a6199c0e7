"""What every list of the console shares: its URL, its order, its pages, ticked rows and CSV.

Knows no model. A view declares a `Listing`, reads what is `Asked` of it, fetches a `Page` by its
cursor and hands `Shown` to the templates `components/list_*.html`; `csv_export` streams the same
rows.
"""
