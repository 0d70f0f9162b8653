# One image for every service and command of Accord.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/accord
COPY requirements.lock pyproject.toml README.md ./
RUN /opt/accord/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY schemas schemas
COPY registry registry
COPY runtime runtime
COPY producers producers
COPY processors processors
COPY sinks sinks
COPY operations operations
RUN /opt/accord/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home accord && mkdir /data && chown accord /data
COPY --from=build /opt/accord /opt/accord
ENV PATH=/opt/accord/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER accord
WORKDIR /data
CMD ["pipeline", "--help"]
