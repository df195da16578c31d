#!/bin/bash
# Runs once, when the volume is new. The application gets a role that owns its database and nothing else, so that a
# stolen password gives no access to other files of the server and runs no commands there.
set -eu
psql --username="$POSTGRES_USER" --dbname=postgres --set=ON_ERROR_STOP=1 <<'SQL'
\getenv password SHOPBRIDGE_DATABASE_PASSWORD
CREATE ROLE shopbridge LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE shopbridge OWNER shopbridge;
REVOKE ALL ON DATABASE shopbridge FROM PUBLIC;
SQL
