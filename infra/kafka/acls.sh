#!/usr/bin/env bash
# infra/kafka/acls.sh (--scram | --mtls) [--apply] [DEPARTMENT…]: users, rights and quotas of the departments on Apache Kafka.
#
# Prints the commands of Apache Kafka's own tools, one a line, and with --apply runs them. Each department, as police, all
# twelve unless some are named, may
#   read its own request topic      lika.verification.request.police.v1
#   write its own result topic      lika.verification.result.police.v1
#   use the groups that begin with  dept-police.
# and nothing else: with allow.everyone.if.no.acl.found=false (the default of StandardAuthorizer) what is not granted is
# denied. Granting twice changes nothing. ACLs are per topic, not per key, hence a pair of topics for each department.
#
#   --scram            principals dept-police with a SCRAM-SHA-512 password each, made in $LIKA_KAFKA_PASSWORDS/dept-police
#                      (mode 600, default .lika/kafka) unless it is there; use them over TLS only
#   --mtls             principals dept-police by certificate: the brokers take the common name by
#                      ssl.principal.mapping.rules=RULE:^CN=([a-z0-9.-]+).*$/$1/,DEFAULT
#   --apply            run them, against
#   LIKA_KAFKA_ADMIN   host:port of a broker, as an administrator whose client settings are in the file
#   LIKA_KAFKA_ADMIN_CONFIG
#   LIKA_KAFKA_BIN     the folder of kafka-acls.sh and kafka-configs.sh, if not on the PATH
#
# LIKA_KAFKA_QUOTA_IN, _OUT (bytes a second, per broker: 262144, 1048576) and _SHARE (per cent of a request thread, 25).
# infra/kafka/check_access.py proves each rule on such a cluster.
set -euo pipefail
# shellcheck source=../lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
((${#@} > 0)) || set -- --help
help_if_asked "$@"

variant='' apply='' departments=()
for argument; do
    case $argument in
    --scram | --mtls) variant=${argument#--} ;;
    --apply) apply=yes ;;
    -*) die "there is no option $argument; see infra/kafka/acls.sh --help" ;;
    *)
        [[ ,$DEPARTMENTS, == *",${argument^^},"* ]] || die "there is no department $argument; there are $DEPARTMENTS"
        departments+=("${argument,,}")
        ;;
    esac
done
[[ -n $variant ]] || die "say --scram or --mtls"
((${#departments[@]} > 0)) || IFS=, read -ra departments <<<"${DEPARTMENTS,,}"
[[ -z $apply || -n ${LIKA_KAFKA_ADMIN:-} ]] || die "--apply needs LIKA_KAFKA_ADMIN: host:port of a broker"
passwords=${LIKA_KAFKA_PASSWORDS:-$LIKA_HOME/kafka}
server=(--bootstrap-server "${LIKA_KAFKA_ADMIN:-BROKER}" --command-config "${LIKA_KAFKA_ADMIN_CONFIG:-admin.properties}")

# kafka TOOL ARGUMENT…: shows the command, and runs it with --apply.
kafka() {
    local tool=$1
    shift
    echo "$tool ${server[*]} $*"
    [[ -z $apply ]] || "${LIKA_KAFKA_BIN:+$LIKA_KAFKA_BIN/}$tool" "${server[@]}" "$@" >/dev/null ||
        die "$tool failed; what was granted before it stays granted"
}

# A password shows in no list of processes and in no output: the tool reads it from a file that is there for that moment.
give_password() {
    local user=$1 file=$passwords/$1 settings
    if [[ -n $apply ]]; then
        (umask 077 && mkdir -p "$passwords")
        [[ -s $file ]] || (umask 077 && head -c 24 /dev/urandom | base64 -w 0 | tr '+/' '-_' >"$file")
        settings=$(umask 077 && mktemp)
        printf 'SCRAM-SHA-512=[iterations=8192,password=%s]\n' "$(<"$file")" >"$settings"
    fi
    kafka kafka-configs.sh --alter --entity-type users --entity-name "$user" --add-config-file "${settings:-PASSWORD-OF-$user}"
    [[ -z ${settings:-} ]] || rm -f "$settings"
}

for department in "${departments[@]}"; do
    user=dept-$department
    [[ $variant != scram ]] || give_password "$user"
    kafka kafka-acls.sh --add --allow-principal "User:$user" --operation Read --operation Describe \
        --topic "lika.verification.request.$department.v1" --resource-pattern-type literal
    kafka kafka-acls.sh --add --allow-principal "User:$user" --operation Write --operation Describe \
        --topic "lika.verification.result.$department.v1" --resource-pattern-type literal
    kafka kafka-acls.sh --add --allow-principal "User:$user" --operation Read --operation Describe \
        --group "$user." --resource-pattern-type prefixed
    kafka kafka-configs.sh --alter --entity-type users --entity-name "$user" --add-config \
        "producer_byte_rate=${LIKA_KAFKA_QUOTA_IN:-262144},consumer_byte_rate=${LIKA_KAFKA_QUOTA_OUT:-1048576},request_percentage=${LIKA_KAFKA_QUOTA_SHARE:-25}"
done
