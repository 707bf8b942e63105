# The steps that bin/serve takes on a machine (bin/setup names them), without the servers: those are containers of their own.
FROM debian:bookworm-slim AS base
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/etp
COPY bin bin
RUN bin/setup runtime && rm -rf /var/lib/apt/lists/*

FROM base AS build
RUN bin/setup build
COPY requirements.txt requirements-dev.txt ./
RUN bin/setup python
COPY . .
RUN ETP_STATIC_ROOT=/srv/etp/staticfiles bin/setup front-end static && rm -rf node_modules var

FROM base
COPY --from=build /srv/etp /srv/etp
RUN useradd --system --uid 10001 --user-group --home-dir /tmp --shell /usr/sbin/nologin etp \
    && useradd --system --uid 10002 --gid etp --home-dir /tmp --shell /usr/sbin/nologin etp-signer \
    && install -d -o etp -g etp -m 0700 \
    /var/lib/etp/keys /var/lib/etp/ledger /var/lib/etp/media /var/lib/etp/uploads /var/lib/etp/crls \
    && install -d -o etp-signer -g etp -m 0700 /var/lib/etp/signer && install -d -o etp-signer -g etp -m 0750 /run/etp-signer
ENV PATH=/srv/etp/.venv/bin:$PATH PYTHONPATH=/srv/etp/platform:/srv/etp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp \
    ETP_STATIC_ROOT=/srv/etp/staticfiles ETP_KEYS=/var/lib/etp/keys ETP_LEDGER=/var/lib/etp/ledger \
    ETP_MEDIA=/var/lib/etp/media ETP_UPLOADS=/var/lib/etp/uploads
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "config.wsgi:application"]
