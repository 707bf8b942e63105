"""How gunicorn serves the platform in a container, behind the proxy."""

import os

bind = f"0.0.0.0:{os.environ.get('ETP_PORT', '8000')}"  # noqa: S104 - the container's network is the proxy's and ours
worker_class = "gthread"
workers = int(os.environ.get("ETP_WEB_PROCESSES", "2"))
# A bidder on a slow line holds a thread for as long as a chunk takes; there must be some to spare.
threads = int(os.environ.get("ETP_WEB_THREADS", "16"))
timeout = 60
graceful_timeout = 60
# Longer than the proxy keeps an idle connection, so that it never writes into one that is being closed.
keepalive = 75
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm"  # noqa: S108 - memory of the container's own
control_socket_disable = True
