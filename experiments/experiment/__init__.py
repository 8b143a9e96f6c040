"""What every experiment and benchmark shares: settings, the record of a run, files of results, claims, tables."""
