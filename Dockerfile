# A served model in topwork-runtime, and nothing that fitting needs:
#   docker build -t topwork-runtime .
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -p 127.0.0.1:8000:8000 -v ./photos.topwork:/models/photos.topwork:ro \
#     -v ./token:/run/token:ro topwork-runtime /models/photos.topwork
# Models of texts: docker build --build-arg EXTRAS='[text]' ...
FROM python:3.12-slim AS build
ARG EXTRAS=""
WORKDIR /src
COPY constraints.txt LICENSE ./
COPY packaging packaging
COPY src src
RUN python -m venv /opt/topwork \
    && /opt/topwork/bin/pip install --no-cache-dir -c constraints.txt "./packaging/runtime$EXTRAS"

FROM python:3.12-slim
COPY --from=build /opt/topwork /opt/topwork
ENV PATH=/opt/topwork/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    TOPWORK_CACHE_DIR=/tmp/topwork/cache \
    TOPWORK_STATE_DIR=/tmp/topwork/state
USER 65534:65534
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=3)"]
ENTRYPOINT ["topwork", "serve", "--host", "0.0.0.0", "--port", "8000", "--token-file", "/run/token"]
