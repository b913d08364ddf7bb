# shellcheck shell=bash
# The four services, the departments, the command line, and the build they come from.

bin_path() { echo "$ROOT/.build/$LIKA_CONFIGURATION"; }

# LIKA_KAFKA_* as the user set them, and before them what the embedded broker wants.
kafka_environment() {
    local name
    if embedded_broker; then
        echo LIKA_KAFKA_SESSION_TIMEOUT_MS=6000
        echo LIKA_KAFKA_FETCH_WAIT_MAX_MS=20
        # It drops no repetitions anyway, and once emptied it fences every idempotent producer that it does not know, for good.
        echo LIKA_KAFKA_ENABLE_IDEMPOTENCE=false
    fi
    for name in $(compgen -v LIKA_KAFKA_); do
        echo "$name=${!name}"
    done
}

# port_of PROCESS [HEALTH]: `review` and `review-1` are the same, `review-2` listens 10 higher.
port_of() {
    local service=${1%-*} instance=1 name
    [[ $1 != *-* ]] || instance=${1##*-}
    name=LIKA_PORT_${service^^}${2:-}
    echo $((${!name} + 10 * (instance - 1)))
}

# service_environment PROCESS: one VARIABLE=value a line, as promised at the top of this file.
service_environment() {
    local service=${1%-*} instance=$1 name
    [[ $1 == *-* ]] || instance=$1-1
    echo "LIKA_POSTGRES=$(conninfo "lika_${service}_app")"
    echo "LIKA_BROKERS=$BROKERS"
    echo "LIKA_HTTP_HOST=127.0.0.1"
    echo "LIKA_HTTP_PORT=$(port_of "$1")"
    echo "LIKA_HEALTH_PORT=$(port_of "$1" _HEALTH)"
    echo "LIKA_INSTANCE=$instance"
    echo "LIKA_LOG_LEVEL=$LIKA_LOG_LEVEL"
    echo "LIKA_ACCESS=$LIKA_ACCESS"
    [[ $LIKA_ACCESS != embedded ]] || printf '%s\n' "LIKA_ACCESS_KEY_FILE=${LIKA_ACCESS_KEY_FILE:-$STATE/keys/access.key}" \
        "LIKA_ACCESS_SIGN_IN=$LIKA_ACCESS_SIGN_IN"
    echo "LIKA_AUDIT_KEY_FILE=${LIKA_AUDIT_KEY_FILE:-$STATE/keys/audit.key}"
    [[ $LIKA_ACCESS != oidc ]] || echo "LIKA_ACCESS_KEY_FILE=${LIKA_ACCESS_KEY_FILE:-$STATE/keys/access.key}"
    name=LIKA_HTTP_URL_${service^^}
    [[ $LIKA_ACCESS != oidc && -z ${!name:-} ]] || echo "LIKA_HTTP_URL=${!name:-http://127.0.0.1:$(port_of "$1")}"
    [[ $service != intake ]] || echo "LIKA_INTAKE_KEY_FILE=${LIKA_INTAKE_KEY_FILE:-$STATE/keys/intake.key}"
    [[ $service != review ]] || printf '%s\n' LIKA_REVIEW_PUBLIC_URL="${LIKA_REVIEW_PUBLIC_URL:-http://127.0.0.1:$(port_of review)}" \
        LIKA_REVIEW_TIP_URL="${LIKA_REVIEW_TIP_URL:-http://127.0.0.1:$(port_of intake)/tip}" \
        LIKA_REVIEW_TIP_ENTRY_URL="${LIKA_REVIEW_TIP_ENTRY_URL:-http://127.0.0.1:$(port_of intake)/tip-entry}"
    [[ $service != verification && $service != notification ]] || echo "LIKA_INTAKE_URL=${LIKA_INTAKE_URL:-http://127.0.0.1:$LIKA_PORT_INTAKE}"
    kafka_environment
    for name in LIKA_REHEARSAL LIKA_FAILPOINT LIKA_MUTANT LIKA_HTTP_RATE LIKA_HTTP_PUBLIC_RATE LIKA_HTTP_CLIENT_HEADER LIKA_HTTP_BODY_SECONDS \
        $(compgen -v LIKA_OIDC_) $(compgen -v "LIKA_${service^^}_" | grep -v -e LIKA_INTAKE_KEY_FILE -e LIKA_INTAKE_URL -e _PUBLIC_URL -e _TIP_URL -e _TIP_ENTRY_URL); do
        [[ -z ${!name:-} ]] || echo "$name=${!name}"
    done
}

# start_services PROCESS…: starts them all, then waits for each to be ready.
start_services() {
    local process environment
    for process; do
        need_service_ports "$process"
        mapfile -t environment < <(service_environment "$process")
        launch "$process" "${environment[@]}" "$(bin_path)/lika-${process%-*}"
    done
    for process; do
        await "$process" http_ok "$(port_of "$process" _HEALTH)" /readyz
    done
}

need_service_ports() {
    local suffix port setting=${1%-*}
    for suffix in '' _HEALTH; do
        port=$(port_of "$1" $suffix)
        ! listening "$port" || die "port $port for $1 is in use; set LIKA_PORT_${setting^^}$suffix" \
            "(or LIKA_PORT_SHIFT=free for all of them)"
    done
}

migrate() {
    local service
    for service in "${SERVICES[@]}"; do
        env -i PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 LD_LIBRARY_PATH="$LIKA_HOME/lib" \
            LIKA_POSTGRES_MIGRATE="$(conninfo "lika_${service}_migrate")" "$(bin_path)/lika-$service" migrate
    done
}

# The twelve departments, played by one process that knows only the published contract.
start_departments() {
    local line extra=()
    mkdir -p "$STATE/departments"
    while read -r line; do
        line=${line#LIKA_KAFKA_}
        line=${line,,}
        extra+=(--set "$(tr _ . <<<"${line%%=*}")=${line#*=}")
    done < <(kafka_environment)
    launch departments "$LIKA_HOME/venv/bin/python" "$ROOT/infra/departments/department.py" \
        --departments "$DEPARTMENTS" --brokers "$BROKERS" --keys "$STATE/departments/keys" \
        --data "$STATE/sample/departments" "${extra[@]}"
    await departments grep -q '"event": "subscribed"' "$STATE/log/departments.log"
}

# start NAME…: postgres, store, broker, departments, or services (review, review-2); what runs already stays as it is.
# Services are started together and then waited for.
start() {
    local name services=()
    for name; do
        ! running "$name" || continue
        case $name in
        postgres | store | broker | departments) "start_$name" ;;
        *)
            [[ " ${SERVICES[*]} " == *" ${name%-*} "* ]] || die "there is no process named $name"
            services+=("$name")
            ;;
        esac
    done
    start_services "${services[@]}"
}

# PostgreSQL with its roles, and the broker unless there is another one.
start_ground() {
    say "Starting PostgreSQL on port $LIKA_PORT_POSTGRES"
    start postgres
    create_roles
    if embedded_broker; then
        say "Starting the broker on port $LIKA_PORT_BROKER, storing to $LIKA_BROKER_STORAGE"
        [[ $LIKA_BROKER_STORAGE == memory ]] || start store
        start broker
    else
        say "Using the Kafka cluster at $BROKERS"
    fi
}

# tool_environment: sets TOOL to what the command line `lika` finds, as promised at the top of this file.
tool_environment() {
    local service
    mapfile -t TOOL < <(kafka_environment)
    for service in "${SERVICES[@]}"; do
        TOOL+=("LIKA_${service^^}_URL=http://127.0.0.1:$(port_of "$service")"
            "LIKA_${service^^}_HEALTH_URL=http://127.0.0.1:$(port_of "$service" _HEALTH)")
    done
    [[ $LIKA_ACCESS != embedded ]] || TOOL+=("LIKA_ACCESS_KEY_FILE=${LIKA_ACCESS_KEY_FILE:-$STATE/keys/access.key}")
    TOOL+=("LIKA_AUDIT_KEY_FILE=${LIKA_AUDIT_KEY_FILE:-$STATE/keys/audit.key}")
    [[ -z ${LIKA_ACCESS_TOKEN:-} ]] || TOOL+=("LIKA_ACCESS_TOKEN=$LIKA_ACCESS_TOKEN")
    [[ -z ${LIKA_REHEARSAL:-} ]] || TOOL+=("LIKA_REHEARSAL=$LIKA_REHEARSAL")
    TOOL+=(LD_LIBRARY_PATH="$LIKA_HOME/lib" PATH="$(bin_path):$LIKA_HOME/venv/bin:$PATH"
        LIKA_HOME="$LIKA_HOME" LIKA_STATE="$STATE" LIKA_BIN="$(bin_path)" LIKA_BROKERS="$BROKERS"
        LIKA_POSTGRES="$(conninfo lika_ledger)" LIKA_POSTGRES_ADMIN="$(conninfo postgres)")
}

# tool COMMAND…: a command, mostly `lika …`, with that environment, until it ends or this script is stopped.
tool() {
    tool_environment
    foreground env "${TOOL[@]}" "$@"
}

# make_key NAME: a key of the suite, made once per state unless the user brought one: intake's wraps the households' keys, the
# one for access signs the embedded issuer's tokens, the one for the audit its checkpoints.
make_key() {
    local setting=LIKA_${1^^}_KEY_FILE
    printf -v "$setting" %s "${!setting:-$STATE/keys/$1.key}"
    [[ ! -s ${!setting} ]] || return 0
    (umask 077 && mkdir -p "$STATE/keys" && head -c 32 /dev/urandom | base64 -w 0 >"${!setting}")
}

# prepare: keys, schemas and topics.
prepare() {
    make_key intake
    make_key audit
    [[ $LIKA_ACCESS == trusted ]] || make_key access
    say "Migrating the four schemas and creating the topics"
    migrate
    tool lika topics
}

# make_sample: an invented registry, and what the departments know about its people.
make_sample() {
    say "Writing the sample registry to $STATE/sample"
    tool lika sample --seed "${LIKA_SAMPLE_SEED:-2018}" --households "${LIKA_SAMPLE_HOUSEHOLDS:-600}" \
        --output "$STATE/sample"
}

# begin_rehearsal SPEED: plan time starts now, on the morning on which the plan of 2018 was issued.
begin_rehearsal() {
    [[ $1 =~ ^[0-9]+$ ]] || die "the rehearsal's speed must be a whole number, not '$1'"
    LIKA_REHEARSAL="2018-09-30T08:00:00+08:00@$(date +%s)x$1"
    save_settings
}

# build ARGUMENT…: the whole package, with the import rules of the design enforced.
build() {
    [[ $LIKA_CONFIGURATION == debug ]] || say "A first release build takes about five minutes on two cores"
    foreground swift build --package-path "$ROOT" --configuration "$LIKA_CONFIGURATION" \
        --explicit-target-dependency-import-check error "$@"
}
