#!/bin/sh
# Print the Secrets that an overlay reads, from .env and the files of secrets/ (docs/kubernetes.md, "First deployment"):
#   sh deploy/make-secrets.sh && sh deploy/certificates.sh temporal-gateway.complaints.svc
#   sh deploy/kubernetes/secrets.sh DATABASE-CA.pem | kubectl apply --filename -
# DATABASE-CA.pem is the authority of PostgreSQL's certificates. Options come before it:
#   --cloud                  for Temporal Cloud: nothing for a gateway or for a Temporal of your own
#   --without-certificates   where cert-manager makes the certificates, which these would replace
# A store of secrets can bring them in place of this: docs/kubernetes.md lists each with its keys. Not among them are the mail
# server, the webhook, an API key and the Ingress's certificate.
# Needs kubectl, which reaches no cluster for it.
set -eu
fail() {
  echo "$1" >&2
  exit 2
}
cloud='' certificates=1
while [ $# -gt 1 ]; do
  case $1 in
    --cloud) cloud=1 ;;
    --without-certificates) certificates='' ;;
    *) break ;;
  esac
  shift
done
[ $# -eq 1 ] && [ -s "$1" ] ||
  fail "usage: sh deploy/kubernetes/secrets.sh [--cloud] [--without-certificates] DATABASE-CA.pem"
database_ca=$(realpath "$1")
cd "$(dirname "$0")/../../secrets"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# NAMESPACE NAME KEY=FILE...
secret() {
  namespace=$1 name=$2
  shift 2
  set -- $(printf -- '--from-file=%s\n' "$@")
  kubectl create secret generic "$name" --namespace "$namespace" "$@" --dry-run=client --output yaml
  echo ---
}

# NAMESPACE NAME CERTIFICATE AUTHORITY
certificate() {
  [ -n "$certificates" ] || return 0
  secret "$1" "$2" "tls.crt=certificates/$3.crt" "tls.key=certificates/$3.key" "ca.crt=certificates/$4.crt"
}

for role in database:service database-owner:owner keys:keys keys-owner:keys-owner; do
  secret complaints "complaints-${role%:*}" "password=${role#*:}-password" "ca.crt=$database_ca"
done
secret complaints complaints-key-encryption-key key=key-encryption-key
secret complaints complaints-audit-key key=audit-key
secret complaints complaints-audit-public-key public-key=audit-public-key

for client in worker intake; do
  certificate complaints "complaints-$client-tls" "$client" client-ca
done
[ -z "$cloud" ] || exit 0

certificate complaints complaints-operator-tls operator client-ca
# These three check the gateway's certificate by the same Secret.
certificate complaints temporal-gateway-tls gateway server-ca
certificate complaints complaints-controller-tls controller server-ca
certificate complaints complaints-page-tls page server-ca

# Of Temporal's own installation.
sed -n 's/^TEMPORAL_DATABASE_PASSWORD=//p' ../.env | tr -d '\n' > "$work/password"
[ -s "$work/password" ] || fail ".env: TEMPORAL_DATABASE_PASSWORD is missing; run: sh deploy/make-secrets.sh"
secret temporal temporal-database "password=$work/password" "ca.crt=$database_ca"
certificate temporal complaints-page-tls page server-ca
certificate temporal temporal-tls temporal server-ca
