#!/bin/sh
# Brings the schema of Temporal's two databases to the version of this image. Run again, it finds nothing to do.
# Temporal is upgraded one minor version at a time, this first. Connection: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER,
# SQL_PASSWORD, which the tool reads itself.
set -eu

schemas=/etc/temporal/schema/postgresql/v12

set_up() {
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

set_up temporal temporal
set_up temporal_visibility visibility
