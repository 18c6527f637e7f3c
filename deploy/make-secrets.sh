#!/bin/sh
# Make .env from .env.example, with a password in each empty line, and the files of secrets/. What is there stays.
#
# The record's passwords are files, which docker-compose mounts: no container shows them in its environment. The images of
# PostgreSQL and of Temporal read theirs from the environment.
set -eu
cd "$(dirname "$0")/.."
umask 077

password() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

[ -e .env ] || cp .env.example .env
while name=$(sed -n 's/^\([A-Z_]*_PASSWORD\)=$/\1/p' .env | head -n 1) && [ -n "$name" ]; do
  sed "s/^$name=\$/$name=$(password)/" .env > .env.new
  mv .env.new .env
done

# Nobody else can enter the folder; a container's user can read the file that is mounted from it.
mkdir -p secrets
chmod 700 secrets
for name in owner-password service-password; do
  [ -s "secrets/$name" ] || password > "secrets/$name"
  chmod 644 "secrets/$name"
done
