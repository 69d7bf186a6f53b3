"""Settings of the whole suite: the same examples every time, no clock in a verdict, no window opened."""

import os

from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"
settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.load_profile("suite")
