# Python 3.11 and what requirements.lock names, by hash. About 6 GB, most of it GPU libraries that torch's default wheel brings.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

# Before the code, so that a change of the code installs nothing again.
COPY requirements-uv.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements-uv.lock \
    && uv pip install --system --no-cache --require-hashes -r requirements.lock

COPY pyproject.toml README.md ./
COPY api api
COPY web web
COPY matching matching
COPY search search
RUN uv pip install --system --no-deps --no-build-isolation --offline -e . \
    && useradd --create-home zonematch \
    && install -d -o zonematch /data

USER zonematch
ENV ZONEMATCH_DATA=/data
VOLUME /data
EXPOSE 8000
CMD ["sh", "-c", "zonematch encoder build && exec zonematch serve"]
