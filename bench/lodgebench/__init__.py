"""What bench/run measures with: a private desktop, the servers, the sections and the verdicts."""
