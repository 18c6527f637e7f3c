#!/bin/sh
# Create the databases of Temporal and of the record. Each has an owner of its own, who can connect to no other.
# PostgreSQL's image runs this once, when its data is new.
set -eu

psql --username "$POSTGRES_USER" --dbname postgres --no-psqlrc --quiet \
  --set ON_ERROR_STOP=1 \
  --set temporal_password="$TEMPORAL_DATABASE_PASSWORD" \
  --set complaints_password="$COMPLAINTS_DATABASE_PASSWORD" << 'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE temporal, temporal_visibility FROM PUBLIC;

CREATE ROLE complaints LOGIN PASSWORD :'complaints_password';
CREATE DATABASE complaints OWNER complaints;
REVOKE ALL ON DATABASE complaints FROM PUBLIC;
SQL
