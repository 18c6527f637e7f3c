# The worker (python -m worker), the HTTP service (python -m starter), the codec server (python -m codec) and the
# staff's script (complaints)

FROM python:3.13-slim-trixie AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --only-binary=:all: --require-hashes -r requirements.lock
COPY . .
RUN /venv/bin/pip install --no-deps --no-build-isolation .

FROM python:3.13-slim-trixie
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /home/complaints
RUN useradd --uid 10001 --no-create-home complaints \
    && install --directory --mode=700 --owner=complaints --group=complaints /post-room /reports /audit-roots
USER complaints
CMD ["python", "-m", "worker", "run"]
