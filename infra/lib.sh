# shellcheck shell=bash
# The settings, and the words to the user, of every script beside this one, which sources it. The rest is in lib/:
# processes.sh (starting and stopping, by pid file), postgres.sh, broker.sh, suite.sh (the services and what is around), schemas.sh.
#
# Settings (environment variables; all have a default):
#   LIKA_HOME                 tools and state, default .lika in the checkout
#   LIKA_PORT_POSTGRES …      one per listener, see PORTS below; a second instance of a service listens 10 higher
#   LIKA_PORT_SHIFT           added to every default port; `free` looks for a shift at which all are free
#   LIKA_BROKERS              another Kafka cluster (host:port,…); the embedded broker is then not started
#   LIKA_BROKER_STORAGE       disk (default) or memory: what the embedded broker writes to
#   LIKA_CONFIGURATION        debug (default) or release: which build is started
#   LIKA_REHEARSAL            <local start>@<unix start>x<speed>: plan time instead of real time
#   LIKA_LOG_LEVEL            of the services, default info
#   LIKA_ACCESS               embedded (default): callers need a token of the suite's own issuer; trusted: who calls is believed;
#                             oidc: people sign in at an OpenID Connect provider, see LIKA_OIDC_* below
#   LIKA_ACCESS_SIGN_IN       demo (default here) or off: a page on which anybody signs in as one of the demo's accounts
#   LIKA_FAKETIME             names of processes whose wall clock `infra/suite clock` moves, by libfaketime; for tests only
#   LIKA_SAMPLE_SEED, LIKA_SAMPLE_HOUSEHOLDS   of the invented registry, default 2018 and 600
#   LIKA_KAFKA_*              handed to the services as they are (TLS, SASL, timeouts)
#
# What every service finds in its environment, which holds nothing else of LIKA_*, as services refuse unknown keys:
#   LIKA_POSTGRES             libpq connection string of its app role (serving) - DML in its own schema
#   LIKA_POSTGRES_MIGRATE     of its migrate role, for `lika-X migrate` alone: a serving process does not know it
#   LIKA_BROKERS              Kafka bootstrap servers
#   LIKA_HTTP_HOST LIKA_HTTP_PORT LIKA_HEALTH_PORT   where it listens; /livez /readyz /metrics on the health port
#   LIKA_INSTANCE             its name among its equals, as review-1
#   LIKA_LOG_LEVEL            trace, debug, info, notice, warning, error, critical
#   LIKA_ACCESS               embedded, with LIKA_ACCESS_KEY_FILE (32 random bytes in Base64, made in STATE/keys) and LIKA_ACCESS_SIGN_IN;
#                             or trusted, behind a proxy that signs people in and sets Lika-Actor. LIKA_PRODUCTION=yes refuses embedded.
#                             Or oidc, with LIKA_ACCESS_KEY_FILE (of sessions, and of what services show each other) and LIKA_HTTP_URL
#   LIKA_AUDIT_KEY_FILE       32 random bytes in Base64, made in STATE/keys: signs the checkpoints of the audit
#   LIKA_OIDC_ISSUER, LIKA_OIDC_CLIENT_ID, LIKA_OIDC_CLIENT_SECRET_FILE   the provider, and what this suite is to it: a confidential
#                             client whose redirect addresses are LIKA_HTTP_URL/sign-in/back of each service (oidc only)
#   LIKA_OIDC_AUDIENCE, LIKA_OIDC_SCOPE   whom access tokens are for (lika) and what a sign-in asks for (openid groups)
#   LIKA_OIDC_ROLES_CLAIM, LIKA_OIDC_JURISDICTIONS_CLAIM, LIKA_OIDC_GROUPS_CLAIM   lika_roles, lika_jurisdictions, groups; of the groups
#                             lika:work_team is a role and lika:in:530427001 a jurisdiction
#   LIKA_HTTP_URL             where browsers reach the service: https://host, set for each by LIKA_HTTP_URL_INTAKE and so on
#   LIKA_HTTP_RATE, LIKA_HTTP_PUBLIC_RATE   requests a minute of an account (1200) and of a network of which nobody has signed in
#                             (300); 0 for no limit, which is the default of a rehearsal
#   LIKA_HTTP_CLIENT_HEADER   in which a proxy in front says who the client is; else it is whoever connects
#   LIKA_HTTP_BODY_SECONDS    how long the body of a request may take to come (30)
#   LIKA_REHEARSAL            only if set
#   LIKA_INTAKE_URL           where intake listens (verification and notification), if not at this suite's own
#   LIKA_INTAKE_KEY_FILE      intake only: the key that wraps the households' keys, made in STATE/keys on the first start;
#                             a further line is a newer key, which wraps from then on
#   LIKA_KAFKA_*              on the embedded broker LIKA_KAFKA_SESSION_TIMEOUT_MS=6000, LIKA_KAFKA_FETCH_WAIT_MAX_MS=20,
#                             LIKA_KAFKA_ENABLE_IDEMPOTENCE=false
#   LIKA_INTAKE_IMPORT_MB, LIKA_INTAKE_IMPORT_ROWS, LIKA_INTAKE_IMPORT_DAYS   how large a sheet may be (10, 50000) and how many
#                             days of the plan its bytes are kept once it is through (7)
#   LIKA_REVIEW_PUBLIC_URL, LIKA_REVIEW_TIP_URL, LIKA_REVIEW_TIP_ENTRY_URL   where the public finds review's notice board and
#                             intake's form, to which the codes on sheets lead, and clerks intake's page for what is said to them
#   LIKA_REVIEW_OFFICE_NAME, LIKA_REVIEW_OFFICE_TELEPHONE, LIKA_REVIEW_OFFICE_BOX   what sheets say of who posts them
#   LIKA_VERIFICATION_PLAIN   allowed (default) or refused: whether persons may go in clear to a department that has no key to
#                             which they could be sealed; use refused wherever the broker is not on this machine
#   LIKA_VERIFICATION_REMIND_DAYS, LIKA_VERIFICATION_ESCALATE_DAYS   how many days before their last day departments are reminded
#                             (3; 0 never), and after it the poverty office hears of those that are late (2)
#   LIKA_NOTIFICATION_SMS_URL, LIKA_NOTIFICATION_SMS_KEY, LIKA_NOTIFICATION_SMS_LOOKUP, LIKA_NOTIFICATION_SMS_PER_SECOND   the gateway of
#                             short messages (none: no short messages), whether it can be asked for one (on), and its pace (20)
#   LIKA_NOTIFICATION_MAIL_URL, LIKA_NOTIFICATION_MAIL_FROM, LIKA_NOTIFICATION_MAIL_USER, LIKA_NOTIFICATION_MAIL_PASSWORD,
#   LIKA_NOTIFICATION_MAIL_TLS, LIKA_NOTIFICATION_MAIL_PER_SECOND   the mail server (smtp:// or smtps://; none: no e-mail), the office's
#                             address, how it signs in, whether only over TLS (on), and its pace (5)
#   LIKA_NOTIFICATION_DIGEST_HOUR   when what can wait goes out in one e-mail (8)
#   LIKA_NOTIFICATION_WEBHOOK_HOSTS, LIKA_NOTIFICATION_WEBHOOK_KEY   the programs that may be called, and 24 bytes or more in Base64 that sign
#   LIKA_NOTIFICATION_QUIET_HOURS   when no telephone rings (21-8)
#   LIKA_FAILPOINT, LIKA_<SERVICE>_*   only if set: crash points and the service's own keys
# The command line `lika` (`infra/suite run lika …`) finds LIKA_POSTGRES of the read-only role lika_ledger,
# LIKA_POSTGRES_ADMIN of the cluster's owner, LIKA_BROKERS, LIKA_KAFKA_*, LIKA_REHEARSAL, LIKA_ACCESS_KEY_FILE or, of a provider,
# LIKA_ACCESS_TOKEN, LIKA_AUDIT_KEY_FILE, LIKA_BIN (the folder of the executables), LIKA_STATE, and LIKA_<SERVICE>_URL and LIKA_<SERVICE>_HEALTH_URL of all four.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SERVICES=(intake verification review notification)
DEPARTMENTS=POLICE,CULTURE,CIVIL,FINANCE,SOCSEC,LAND,PLANNING,AGRI,HEALTH,ECON,MARKET,DISABLED
PORTS=(
    POSTGRES:25432 STORE:29000 BROKER:29092
    INTAKE:28101 VERIFICATION:28102 REVIEW:28103 NOTIFICATION:28104
    INTAKE_HEALTH:28201 VERIFICATION_HEALTH:28202 REVIEW_HEALTH:28203 NOTIFICATION_HEALTH:28204
)

: "${LIKA_HOME:=$ROOT/.lika}"
[[ $LIKA_HOME == /* ]] || LIKA_HOME=$PWD/$LIKA_HOME

# shellcheck source=lib/processes.sh
source "$ROOT/infra/lib/processes.sh"
# shellcheck source=lib/postgres.sh
source "$ROOT/infra/lib/postgres.sh"
# shellcheck source=lib/broker.sh
source "$ROOT/infra/lib/broker.sh"
# shellcheck source=lib/suite.sh
source "$ROOT/infra/lib/suite.sh"
# shellcheck source=lib/schemas.sh
source "$ROOT/infra/lib/schemas.sh"

say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The comment at the top of a script is its help.
help_if_asked() {
    local argument
    for argument; do
        [[ $argument == -h || $argument == --help ]] || continue
        awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
        exit 0
    done
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

all_free() {
    local entry
    for entry in "${PORTS[@]}"; do
        ! listening $((${entry#*:} + $1)) || return 1
    done
}

# A random multiple of five keeps every port below the range the kernel hands out by itself (32768 and above).
find_shift() {
    local attempt shift
    for attempt in {1..50}; do
        shift=$(((RANDOM % 1600 - 1000) * 5))
        if all_free "$shift"; then
            echo "$shift"
            return
        fi
    done
    die "found no free ports after $attempt tries; set LIKA_PORT_SHIFT to a number"
}

# use_state DIRECTORY: where this run keeps its data, pid files and logs; fills in the defaults.
use_state() {
    STATE=$1
    local entry name shift=${LIKA_PORT_SHIFT:-0}
    # Children get what is meant for them, not the settings of the scripts.
    for name in $(compgen -e LIKA_); do
        export -n "$name"
    done
    export LIKA_HOME
    [[ $shift != free ]] || shift=$(find_shift)
    [[ $shift =~ ^-?[0-9]+$ ]] || die "LIKA_PORT_SHIFT must be a number or free, not '$shift'"
    for entry in "${PORTS[@]}"; do
        name=LIKA_PORT_${entry%:*}
        [[ -n ${!name:-} ]] || printf -v "$name" %s $((${entry#*:} + shift))
        [[ ${!name} =~ ^[0-9]+$ ]] || die "$name must be a port number, not '${!name}'"
    done
    : "${LIKA_BROKER_STORAGE:=disk}" "${LIKA_CONFIGURATION:=debug}" "${LIKA_LOG_LEVEL:=info}" "${LIKA_ACCESS:=embedded}" "${LIKA_ACCESS_SIGN_IN:=demo}"
    [[ $LIKA_BROKER_STORAGE =~ ^(disk|memory)$ ]] || die "LIKA_BROKER_STORAGE must be disk or memory"
    [[ $LIKA_CONFIGURATION =~ ^(debug|release)$ ]] || die "LIKA_CONFIGURATION must be debug or release"
    BROKERS=${LIKA_BROKERS:-127.0.0.1:$LIKA_PORT_BROKER}
}

# find_state DIRECTORY: the same for a run that was started from another shell; what it was started with counts, not
# this shell's environment.
find_state() {
    # shellcheck disable=SC1091
    [[ ! -f $1/run/settings ]] || source "$1/run/settings"
    use_state "$1"
}

save_settings() {
    local name
    for name in LIKA_BROKERS LIKA_BROKER_STORAGE LIKA_CONFIGURATION LIKA_LOG_LEVEL LIKA_REHEARSAL LIKA_ACCESS LIKA_ACCESS_SIGN_IN \
        "${PORTS[@]/#/LIKA_PORT_}" $(compgen -v LIKA_KAFKA_) $(compgen -v LIKA_OIDC_) $(compgen -v LIKA_HTTP_); do
        name=${name%:*}
        printf '%s=%q\n' "$name" "${!name:-}"
    done >"$STATE/run/settings"
}

embedded_broker() { [[ -z ${LIKA_BROKERS:-} ]]; }

# open_state: makes the folders; refuses a state whose processes still run, and ports that something else has, before
# anything is built.
open_state() {
    (umask 022 && mkdir -p "$STATE/run" "$STATE/log") ||
        die "cannot write to $STATE; set LIKA_HOME to a folder of your own"
    local name
    for name in $(recorded); do
        ! running "$name" || die "$name already runs (pid $(pid_of "$name")); stop it first: $STOP_COMMAND"
    done
    for name in "${PORTS[@]%:*}"; do
        embedded_broker || [[ $name != STORE && $name != BROKER ]] || continue
        need_port "$name" "LIKA_PORT_$name"
    done
    rm -f "$STATE"/run/* "$STATE"/log/*.log
    save_settings
}
STOP_COMMAND=infra/down
