# A server that answers calls, with its prompts. Build: docker build -t centralita .
# Run:   docker run -p 8080:8080 -v centralita:/data -e CENTRALITA_TWILIO__AUTH_TOKEN=... centralita
# Your own prompts: -v /path/to/prompts:/app/prompts:ro

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /app/venv
# dependencies in a layer of their own: they change less often than the code
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir voice && touch voice/__init__.py \
    && /app/venv/bin/pip install -c constraints.txt . \
    && /app/venv/bin/pip uninstall -y centralita && rm -rf voice build *.egg-info
COPY voice voice
# the telecom template is the line in prompts/, by links
COPY prompts prompts
RUN /app/venv/bin/pip install --no-deps . \
    && /app/venv/bin/pip uninstall -y pip \
    && /app/venv/bin/python -m compileall -q /app/venv/lib

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin centralita \
    && install -d -o centralita -g centralita /data
COPY --from=build /app/venv /app/venv
COPY prompts /app/prompts
ENV PATH=/app/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CENTRALITA_DATA=/data \
    CENTRALITA_PROMPTS=/app/prompts
WORKDIR /app
USER centralita
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
# SIGTERM drains: give live calls time with docker stop --time 75
STOPSIGNAL SIGTERM
ENTRYPOINT ["voice"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
