# One image for every process; docker-compose.yml says which command each runs.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    VAR_DIR=/var/lib/directmail

WORKDIR /app

# Volumes take their owner from these directories.
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin directmail \
    && mkdir -p "$VAR_DIR/beat" "$VAR_DIR/relay" "$VAR_DIR/tls" \
    && chown -R directmail:directmail "$VAR_DIR"

# Before the code, so that a change of the code installs nothing anew.
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY manage.py ./
COPY directmail directmail
COPY smtp_gateway smtp_gateway
COPY senders senders
COPY verification verification
COPY templates templates
COPY static static
RUN python -m compileall -q .

USER directmail
EXPOSE 8000 2525 4650 2580
CMD ["python", "manage.py", "help"]
