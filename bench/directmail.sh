#!/bin/sh
# A private DirectMail as a server of the comparing driver: one sender address, relaying to the sink.
#   sh bench/directmail.sh DIR SMTP_PORT [SINK_PORT]    stays in the foreground; without a sink all mail stays here
# With BENCH_DKIM set each mail is signed with an RSA key of 2048 bits.
# Log-in: $BENCH_USER / $BENCH_PASS (default sender@example.test / BenchPass2026). All data is under DIR.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
VAR_DIR=$(cd "$1" && pwd)
SMTP_PORT=$2
SMTPS_PORT=$((SMTP_PORT + 1))
WEB_PORT=$((SMTP_PORT + 2))
GATEWAY_HEALTH_PORT=$((SMTP_PORT + 3))
RELAY_URL=${3:+"smtp://127.0.0.1:$3?starttls=never"}
ALLOW_UNVERIFIED_DOMAINS=1
ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK=1
LOG_LEVEL=${LOG_LEVEL:-INFO}
# Its clients send to few recipients for ever.
SAME_RECIPIENT_MAX_MAILS=0
export VAR_DIR SMTP_PORT SMTPS_PORT WEB_PORT GATEWAY_HEALTH_PORT RELAY_URL ALLOW_UNVERIFIED_DOMAINS
export ALLOW_PLAINTEXT_AUTH_ON_LOOPBACK LOG_LEVEL SAME_RECIPIENT_MAX_MAILS
cd "$here"
manage=".venv/bin/python manage.py"

if [ ! -e "$VAR_DIR/prepared" ]; then
    # The driver takes an open port for readiness, so the log-in has to exist before the port does.
    # Elsewhere, therefore.
    SMTP_PORT=$((SMTP_PORT + 10)) SMTPS_PORT=$((SMTPS_PORT + 10)) \
        $manage up > "$VAR_DIR/prepare.log" 2>&1 &
    up=$!
    until grep -q 'Ctrl-C stops everything' "$VAR_DIR/prepare.log"; do
        kill -0 $up
        sleep 0.2
    done
    $manage create_sender_address "${BENCH_USER:-sender@example.test}" --mail-type trigger
    printf '%s' "${BENCH_PASS:-BenchPass2026}" |
        $manage set_smtp_password "${BENCH_USER:-sender@example.test}" --password-stdin
    # Quotas are counted as ever, and never used up.
    $manage shell --no-imports -c "from bench.quotas import widen; widen()"
    if [ -n "${BENCH_DKIM:-}" ]; then
        $manage shell --no-imports -c "from bench.signing import sign_with_rsa; sign_with_rsa('${BENCH_USER:-sender@example.test}')"
    fi
    kill $up
    wait $up || true
    touch "$VAR_DIR/prepared"
fi
exec $manage up
