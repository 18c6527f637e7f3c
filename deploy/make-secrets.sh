#!/bin/sh
# Make .env from .env.example, with a password in each empty line, and the files of secrets/. What is there stays.
#
# The passwords of the record and of the key store, and the key-encryption key, are files, which docker-compose mounts: no container shows them in its environment. The images of
# PostgreSQL and of Temporal read theirs from the environment.
set -eu
cd "$(dirname "$0")/.."
umask 077

random() {
  od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

[ -e .env ] || cp .env.example .env
while name=$(sed -n 's/^\([A-Z_]*_PASSWORD\)=$/\1/p' .env | head -n 1) && [ -n "$name" ]; do
  sed "s/^$name=\$/$name=$(random 24)/" .env > .env.new
  mv .env.new .env
done

# Nobody else can enter the folder; a container's user can read the file that is mounted from it.
mkdir -p secrets
chmod 700 secrets
for name in owner-password service-password keys-owner-password keys-password; do
  [ -s "secrets/$name" ] || random 24 > "secrets/$name"
done
# Without it, nothing can be read again: keep a copy apart from every backup (docs/operations.md, "Data keys").
[ -s secrets/key-encryption-key ] || random 32 > secrets/key-encryption-key
# The worker signs the root of the record with the first, and audits check it with the second (docs/audit.md).
[ -s secrets/audit-key ] || openssl genpkey -algorithm ed25519 -out secrets/audit-key
[ -s secrets/audit-public-key ] || openssl pkey -in secrets/audit-key -pubout -out secrets/audit-public-key
chmod 644 secrets/*
