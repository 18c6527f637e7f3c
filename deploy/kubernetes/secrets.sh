#!/bin/sh
# Print the Secrets that the overlay self-hosted reads, from the files of secrets/:
#   sh deploy/make-secrets.sh && sh deploy/certificates.sh temporal-gateway.complaints.svc
#   sh deploy/kubernetes/secrets.sh DATABASE-CA.pem | kubectl apply --filename -
# DATABASE-CA.pem is the authority of PostgreSQL's certificates. A store of secrets can bring them in place of this:
# docs/kubernetes.md lists each with its keys. Not among them are the mail server, the webhook and the Ingress's certificate.
# With --without-certificates behind it, those that cert-manager makes are left out (deploy/kubernetes/certificates).
# Needs kubectl, which reaches no cluster for it.
set -eu
[ $# -ge 1 ] && [ -s "$1" ] && [ "${2:---without-certificates}" = --without-certificates ] || {
  echo "usage: sh deploy/kubernetes/secrets.sh DATABASE-CA.pem [--without-certificates]" >&2
  exit 2
}
database_ca=$(realpath "$1")
cd "$(dirname "$0")/../../secrets"

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
  secret "$1" "$2" "tls.crt=certificates/$3.crt" "tls.key=certificates/$3.key" "ca.crt=certificates/$4.crt"
}

for role in database:service database-owner:owner keys:keys keys-owner:keys-owner; do
  secret complaints "complaints-${role%:*}" "password=${role#*:}-password" "ca.crt=$database_ca"
done
secret complaints complaints-key-encryption-key key=key-encryption-key
secret complaints complaints-audit-key key=audit-key
secret complaints complaints-audit-public-key public-key=audit-public-key

[ $# -eq 1 ] || exit 0
for client in worker intake operator; do
  certificate complaints "complaints-$client-tls" "$client" client-ca
done
# These three check the gateway's certificate by the same Secret.
certificate complaints temporal-gateway-tls gateway server-ca
certificate complaints complaints-controller-tls controller server-ca
certificate complaints complaints-page-tls page server-ca

# Of Temporal's own installation.
certificate temporal complaints-page-tls page server-ca
certificate temporal temporal-tls temporal server-ca
