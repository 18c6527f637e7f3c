#!/bin/sh
# Makes the namespace, with its retention, and the search attributes of a complaint. Run again, it changes nothing.
# Takes TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_RETENTION (such as 90d).
set -eu

patiently() {
  attempts=60
  until said=$("$@" 2>&1); do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ]; then
      echo "$said" >&2
      exit 1
    fi
    sleep 1
  done
}

patiently temporal operator cluster health

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi

# A new namespace is known everywhere some seconds later.
patiently temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"

# As in complaints/temporal/search_attributes.py; a test compares them.
while read -r name type; do
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "$type"
done << 'ATTRIBUTES'
ComplaintTier Keyword
ComplaintStatus Keyword
ComplaintHolder Keyword
ComplaintDue Datetime
ComplaintOverdue Bool
ComplaintAspects KeywordList
ATTRIBUTES
