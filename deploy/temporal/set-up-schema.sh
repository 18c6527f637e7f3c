#!/bin/sh
# Bring the schema of Temporal's two databases to the version of this image. A repeat finds nothing to do.
# Upgrade Temporal one minor version at a time, and the schema before the server. The tool reads the connection itself:
# SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu

schemas=/etc/temporal/schema/postgresql/v12

set_up() {
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

set_up temporal temporal
set_up temporal_visibility visibility
