#!/bin/sh
# Create the namespace, with its retention, and the search attributes of a complaint. A repeat changes nothing.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_RETENTION (such as 90d).
set -eu

retry() {
  attempts=60
  until output=$("$@" 2>&1); do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ]; then
      echo "$output" >&2
      exit 1
    fi
    sleep 1
  done
}

retry temporal operator cluster health

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
fi

# Temporal takes some seconds to make a new namespace known everywhere.
retry temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"

# The same as in complaints/temporal/search_attributes.py; a test compares them.
while read -r name type; do
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "$type"
done << 'ATTRIBUTES'
ComplaintReference Keyword
ComplaintTier Keyword
ComplaintStatus Keyword
ComplaintHolder Keyword
ComplaintDue Datetime
ComplaintNextEvent Datetime
ComplaintOverdue Bool
ComplaintLetterHeld Bool
ComplaintAspects KeywordList
ATTRIBUTES
