#!/bin/sh
# Create the roles and the databases of Temporal, of the record and of the key store, or bring them to these passwords. A repeat changes
# nothing else, so the next run completes one that failed half way.
#
# The record has two roles: complaints_owner migrates, complaints does everything else (it gets its grants from the
# migration). The key store has two more, complaints_keys_owner and complaints_keys. Nobody can connect to a database that
# is not theirs. libpq's variables (PGHOST, PGUSER …) name the server and its superuser. Passwords:
# TEMPORAL_DATABASE_PASSWORD, and the files OWNER_PASSWORD_FILE, SERVICE_PASSWORD_FILE, KEYS_OWNER_PASSWORD_FILE and
# KEYS_PASSWORD_FILE.
set -eu

fail() {
  echo "create-databases: $1" >&2
  exit 1
}

password_in() {
  [ -s "$1" ] || fail "the file $1 is missing or empty; run: sh deploy/make-secrets.sh"
  cat "$1"
}

owner_password=$(password_in "$OWNER_PASSWORD_FILE")
service_password=$(password_in "$SERVICE_PASSWORD_FILE")
keys_owner_password=$(password_in "$KEYS_OWNER_PASSWORD_FILE")
keys_password=$(password_in "$KEYS_PASSWORD_FILE")

psql --dbname postgres --no-psqlrc --quiet --command "SELECT" > /dev/null ||
  fail "the superuser cannot log in. If POSTGRES_PASSWORD was changed after the first start, set it in the server, too:
docker-compose exec postgres psql --username postgres --command '\\password'
If the first start failed before there was any data, remove its volume: docker-compose down --volumes"

psql --dbname postgres --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --set temporal_password="$TEMPORAL_DATABASE_PASSWORD" \
  --set owner_password="$owner_password" \
  --set service_password="$service_password" \
  --set keys_owner_password="$keys_owner_password" \
  --set keys_password="$keys_password" << 'SQL'
SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['temporal', 'complaints_owner', 'complaints', 'complaints_keys_owner', 'complaints_keys']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE temporal PASSWORD :'temporal_password';
ALTER ROLE complaints_owner PASSWORD :'owner_password';
ALTER ROLE complaints PASSWORD :'service_password';
ALTER ROLE complaints_keys_owner PASSWORD :'keys_owner_password';
ALTER ROLE complaints_keys PASSWORD :'keys_password';
-- Also for connections through PgBouncer, which passes no such setting on: a worker that crashes keeps no row locks.
ALTER ROLE complaints SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE complaints_keys SET idle_in_transaction_session_timeout = '15s';

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
FROM unnest(
  ARRAY['temporal', 'temporal_visibility', 'complaints', 'complaints_keys'],
  ARRAY['temporal', 'temporal', 'complaints_owner', 'complaints_keys_owner']
) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
REVOKE ALL ON DATABASE temporal, temporal_visibility, complaints, complaints_keys FROM PUBLIC;
GRANT CONNECT ON DATABASE complaints TO complaints;
GRANT CONNECT ON DATABASE complaints_keys TO complaints_keys;
SQL
