# shellcheck shell=bash
# The schema that each service's migrations result in, as Services/<Name>/schema.sql shows it to a reviewer.

schema_file() { echo "$ROOT/Services/${1^}/schema.sql"; }

# dump_schema SERVICE: of the migrated database; without what differs from machine to machine.
dump_schema() {
    echo "-- The schema that the migrations of $1 result in. Written by infra/schemas; do not edit."
    "$(postgres_bin)/pg_dump" "$(conninfo postgres)" --schema="$1" --schema-only --no-owner --no-privileges --no-comments |
        sed -E -e '/^(--|SET |SELECT pg_catalog|\\(un)?restrict)/d' -e "s/\b$1\.//g" -e "/^CREATE SCHEMA /d" | cat -s
}

# write_schemas, and check_schemas: fails where a committed file is not what the migrations result in.
write_schemas() {
    local service
    for service in "${SERVICES[@]}"; do
        dump_schema "$service" >"$(schema_file "$service")"
    done
}

check_schemas() {
    local service
    for service in "${SERVICES[@]}"; do
        diff -u "$(schema_file "$service")" <(dump_schema "$service") ||
            die "$(schema_file "$service") is not what the migrations result in; run infra/schemas and commit it"
    done
}
