# One image for every service and command of Accord; what differs is the command.
FROM python:3.11-slim-bookworm AS dependencies
RUN python -m venv /opt/accord
COPY deploy/image.lock /
RUN /opt/accord/bin/pip install --no-cache-dir --no-deps --require-hashes -r /image.lock

FROM dependencies AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY registry registry
COPY runtime runtime
COPY producers producers
COPY processors processors
COPY sinks sinks
COPY operations operations
RUN /opt/accord/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home accord && mkdir /data && chown accord /data
# Dependencies change less often than Accord: a layer of their own.
COPY --from=dependencies /opt/accord /opt/accord
COPY --from=build /wheels /wheels
RUN /opt/accord/bin/pip install --no-cache-dir --no-index --no-deps /wheels/*.whl
ENV PATH=/opt/accord/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    CONTRACTS_DIR=/opt/accord/lib/python3.11/site-packages/schemas
USER accord
WORKDIR /data
# A service answers where compose has it listen; a command ends before it is asked.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz')"]
CMD ["pipeline", "--help"]
