#!/bin/sh
# Print the Secrets with the passwords of the roles, from .env and secrets/, for the clusters of this folder:
#   sh deploy/make-secrets.sh
#   sh deploy/kubernetes/postgresql/secrets.sh | kubectl apply --filename -
# Needs kubectl, which reaches no cluster for it.
set -eu
cd "$(dirname "$0")/../../.."

# NAMESPACE NAME ROLE PASSWORD-FILE
role() {
  kubectl create secret generic "$2" --namespace "$1" --type kubernetes.io/basic-auth \
    "--from-literal=username=$3" "--from-file=password=$4" --dry-run=client --output yaml
  echo ---
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n 's/^TEMPORAL_DATABASE_PASSWORD=//p' .env | tr -d '\n' > "$work/password"
[ -s "$work/password" ] || {
  echo ".env: TEMPORAL_DATABASE_PASSWORD is missing; run: sh deploy/make-secrets.sh" >&2
  exit 1
}

role postgresql complaints-owner complaints_owner secrets/owner-password
role postgresql complaints-service complaints secrets/service-password
role postgresql temporal temporal "$work/password"
role key-store complaints-keys-owner complaints_keys_owner secrets/keys-owner-password
role key-store complaints-keys-service complaints_keys secrets/keys-password
