"""What bench/run measures with: a private desktop, the servers, the sections and the verdicts."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/integration/host"))  # sounds.py
