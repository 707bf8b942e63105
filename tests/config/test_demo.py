import time
import pytest
from django.core.management import call_command
def test_x(db, settings, tmp_path):
    settings.VAR = tmp_path
    t=time.time()
    import cProfile, pstats
    p=cProfile.Profile(); p.enable()
    try:
        call_command("demo")
    finally:
        p.disable(); pstats.Stats(p).sort_stats("cumulative").print_stats(70)
        print("took", time.time()-t)
