"""The policy that scripts run under when they are workers. It stands apart because the settings import it."""

# A worker asks nobody anything: what it reads, it can only hand back to its page.
WORKER_POLICY = "default-src 'none'; script-src 'self'; worker-src 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types etp"


def guard_scripts(headers, path, url):
    """Add the policy to every script (WhiteNoise calls this for each file it serves)."""
    if url.endswith(".js"):
        headers["Content-Security-Policy"] = WORKER_POLICY
