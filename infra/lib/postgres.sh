# shellcheck shell=bash
# A PostgreSQL cluster of our own; the system's, if there is one, is not touched.

# PostgreSQL refuses to run as root; then its package's own user runs it.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
    else
        "$@"
    fi
}

postgres_bin() {
    local version
    for version in 15 16 17 18; do
        if [[ -x /usr/lib/postgresql/$version/bin/postgres ]]; then
            echo "/usr/lib/postgresql/$version/bin"
            return
        fi
    done
    die "PostgreSQL 15 is missing; run infra/setup"
}

# conninfo USER: a libpq connection string. The password is in a file of mode 600 that it names, never in the string.
conninfo() {
    local passfile=${STATE//\\/\\\\}/pgpass
    echo "host=127.0.0.1 port=$LIKA_PORT_POSTGRES dbname=lika user=$1 passfile='${passfile//\'/\\\'}'"
}

# Where the cluster lives: `postgres` under the state folder. If PostgreSQL's user may not enter there (a checkout
# under /root), that name is a link to a folder under /var/lib/lika.
prepare_cluster_folder() {
    local home=$STATE/postgres elsewhere
    if ((EUID == 0)); then
        id postgres >/dev/null 2>&1 || die "the user postgres is missing; run infra/setup"
        if ! as_postgres test -x "$STATE" && [[ ! -e $home ]]; then
            elsewhere=/var/lib/lika/$(printf %s "$STATE" | sha256sum | cut -c 1-12)
            install -d -m 711 /var/lib/lika
            install -d -m 700 -o postgres -g postgres "$elsewhere"
            ln -sfn "$elsewhere" "$home"
        fi
        [[ ! -L $home ]] || say "the user postgres may not enter $STATE; the cluster is in $(readlink "$home")"
    fi
    if [[ ! -e $home ]]; then
        mkdir -m 700 "$home"
        ((EUID != 0)) || chown postgres: "$home"
    fi
}

# Throws the cluster and the broker's log away. Only for states that a script owns whole (demo, test, bench, chaos).
fresh_state() {
    local cluster=
    [[ ! -L $STATE/postgres ]] || cluster=$(readlink "$STATE/postgres")
    [[ $cluster != /var/lib/lika/* ]] || rm -rf "$cluster"
    rm -rf "$STATE/postgres" "$STATE/broker" "$STATE/pgpass" "$STATE/sample" "$STATE/departments"
}

# create_cluster BIN DATA
create_cluster() {
    local password
    password=$(head -c 24 /dev/urandom | base64 | tr -d '+/=')
    (umask 077 && printf '127.0.0.1:*:*:*:%s\n' "$password" >"$STATE/pgpass")
    # shellcheck disable=SC2016  # expanded by the inner shell, which runs as PostgreSQL's user
    as_postgres bash -c '
        umask 077
        cat >"$2.password"
        "$1/initdb" --pgdata="$2" --username=postgres --pwfile="$2.password" --auth=scram-sha-256 \
            --encoding=UTF8 --locale=C.UTF-8 --data-checksums
        status=$?
        rm -f "$2.password"
        exit "$status"' _ "$1" "$2" <<<"$password" >"$STATE/log/initdb.log" 2>&1 || {
        tail -n 20 "$STATE/log/initdb.log" >&2
        die "initdb failed; its log is $STATE/log/initdb.log"
    }
}

start_postgres() {
    local bin data
    bin=$(postgres_bin)
    need_port POSTGRES LIKA_PORT_POSTGRES
    prepare_cluster_folder
    data=$(realpath "$STATE/postgres")/data
    as_postgres test -f "$data/PG_VERSION" || create_cluster "$bin" "$data"
    [[ -r $STATE/pgpass ]] || die "$STATE/pgpass is missing; remove $STATE/postgres to begin with an empty database"
    # The settings are copied: PostgreSQL's user may not be able to read the checkout.
    as_postgres tee "$data/postgresql.conf" <"$ROOT/infra/postgres/postgresql.conf" >/dev/null
    outlive_predecessor "$data"
    launch postgres "$bin/postgres" -D "$data" -p "$LIKA_PORT_POSTGRES" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories=
    await postgres "$bin/pg_isready" -q -h 127.0.0.1 -p "$LIKA_PORT_POSTGRES"
}

# outlive_predecessor DATA: after a SIGKILL of the postmaster its backends, whose working directory is the cluster's,
# take a moment to notice and leave; and until its process number is free a new one refuses to start.
outlive_predecessor() {
    local deadline=$((SECONDS + READY_SECONDS))
    [[ -f $STATE/run/postgres.pid ]] || return 0
    while lingering postgres || [[ -n $(find /proc -maxdepth 2 -name cwd -lname "$1" 2>/dev/null) ]]; do
        ((SECONDS <= deadline)) || die "processes of the killed PostgreSQL have not gone after $READY_SECONDS s"
        sleep 0.05
    done
}

# The database lika, its schemas and roles; safe to repeat.
create_roles() {
    local admin
    admin=$(conninfo postgres)
    LIKA_ROLE_PASSWORD=$(cut -d : -f 5 "$STATE/pgpass") PGOPTIONS='-c client_min_messages=warning' \
        "$(postgres_bin)/psql" "${admin/dbname=lika/dbname=postgres}" --quiet --no-psqlrc \
        --set ON_ERROR_STOP=1 --file "$ROOT/infra/postgres/roles.sql" >/dev/null
}
