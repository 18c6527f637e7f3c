#!/bin/sh
# Make the certificates of mutual TLS to Temporal in secrets/certificates, or renew them. What is there and valid stays.
#
# Two authorities. `server-ca` signs Temporal's certificate and the gateway's: nothing else can talk to Temporal, or
# pose as it. `client-ca` signs one certificate for each client, which only the gateway accepts (deploy/gateway/envoy.yaml).
# A certificate lives for a year; a run in its last 60 days renews it. An authority lives for ten years.
# Remove a pair of files, or those of an authority with all that it signed, and run this again: that replaces them.
#
# Arguments: names and addresses of this host under which clients reach the gateway, such as temporal.example.org. Without
# arguments it keeps those that it has. Needs openssl.
set -eu
cd "$(dirname "$0")/.."
umask 077

folder=secrets/certificates
ca_days=3650
days=365
renew_before=$((60 * 24 * 3600))

fail() {
  echo "certificates: $1" >&2
  exit 1
}

command -v openssl > /dev/null || fail "openssl is missing; install it"
mkdir -p "$folder"
chmod 700 secrets "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key" 2> /dev/null ||
    fail "openssl cannot make the key of $1"
}

# NAME MODE-OF-THE-KEY. The key first: a certificate without its key is renewed.
keep() {
  mv "$work/$1.key" "$folder/$1.key"
  chmod "$2" "$folder/$1.key"
  mv "$work/$1.crt" "$folder/$1.crt"
  chmod 644 "$folder/$1.crt"
  echo "$folder/$1.crt: made, until $(openssl x509 -noout -enddate -in "$folder/$1.crt" | cut -d = -f 2)"
}

# Whether the key is that of the certificate.
is_pair() {
  [ -s "$folder/$1.crt" ] && [ -s "$folder/$1.key" ] &&
    [ "$(openssl x509 -noout -pubkey -in "$folder/$1.crt" 2> /dev/null)" = \
      "$(openssl pkey -pubout -in "$folder/$1.key" 2> /dev/null)" ]
}

# NAME: an authority, which outlives each certificate that it signs. Its key may be kept elsewhere between two runs.
authority() {
  if [ -s "$folder/$1.crt" ] && [ ! -e "$folder/$1.key" ] || is_pair "$1"; then
    openssl x509 -noout -checkend $(((days + 1) * 24 * 3600)) -in "$folder/$1.crt" > /dev/null && return
  fi
  make_key "$1"
  cat > "$work/$1.cnf" << CONFIG
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
O = Complaints
CN = $1
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CONFIG
  openssl req -x509 -new -key "$work/$1.key" -days "$ca_days" -config "$work/$1.cnf" -out "$work/$1.crt" ||
    fail "openssl cannot make the certificate of $1"
  keep "$1" 600
}

# AUTHORITY NAME USAGE SUBJECT-ALTERNATIVE-NAMES
certificate() {
  is_pair "$2" && openssl x509 -noout -checkend "$renew_before" -in "$folder/$2.crt" > /dev/null &&
    openssl verify -CAfile "$folder/$1.crt" "$folder/$2.crt" > /dev/null 2>&1 &&
    [ "$(openssl x509 -noout -ext subjectAltName -in "$folder/$2.crt" | tail -n 1 | names)" = "$(echo "$4" | names)" ] &&
    return
  [ -s "$folder/$1.key" ] ||
    fail "$folder/$1.key is missing; bring it back, or remove $folder/$1.crt to make another authority"
  make_key "$2"
  cat > "$work/$2.cnf" << CONFIG
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = $3
subjectAltName = $4
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONFIG
  openssl req -new -key "$work/$2.key" -subj "/O=Complaints/CN=$2" -out "$work/$2.csr" &&
    openssl x509 -req -in "$work/$2.csr" -CA "$folder/$1.crt" -CAkey "$folder/$1.key" -days "$days" \
      -set_serial "0x01$(openssl rand -hex 15)" -extfile "$work/$2.cnf" -out "$work/$2.crt" 2> /dev/null ||
    fail "openssl cannot make the certificate of $2; are the names $4 valid?"
  # A container's user reads the file that is mounted from the folder, which nobody else on this host can enter.
  keep "$2" 644
}

# Subject alternative names in one form: openssl writes `IP Address:` for what it reads as `IP:`.
names() {
  sed 's/IP Address:/IP:/g; s/, */,/g; s/^ *//'
}

gateway_names=DNS:temporal-gateway,DNS:localhost,IP:127.0.0.1
if [ $# -eq 0 ] && [ -s "$folder/gateway.crt" ]; then
  gateway_names=$(openssl x509 -noout -ext subjectAltName -in "$folder/gateway.crt" | tail -n 1 | names)
fi
for name in "$@"; do
  case $name in
    *[!0-9.]*) gateway_names=$gateway_names,DNS:$name ;;
    *) gateway_names=$gateway_names,IP:$name ;;
  esac
done

authority server-ca
authority client-ca
# Temporal is a client of itself, and the gateway is Temporal's client.
certificate server-ca temporal serverAuth,clientAuth DNS:temporal
certificate server-ca gateway serverAuth,clientAuth "$gateway_names"
for client in worker intake page operator controller; do
  certificate client-ca "$client" clientAuth "URI:spiffe://complaints/$client"
done
