# shellcheck shell=bash
# The one place that starts and stops processes: each has a pid file and a log, is waited for until it is ready, and is
# stopped only if it is still the process that was started.

# How long a process may take to become ready, and to stop before it is killed.
READY_SECONDS=60
STOP_SECONDS=30

# A pid file holds the pid and the process's start time in clock ticks since boot: the two together name one process
# and never another one that was given the same pid later.
start_ticks() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [[ $1 != Z ]] && echo "${20}"
}

pid_of() { head -n 1 "$STATE/run/$1.pid"; }

running() {
    local pid='' ticks=''
    { read -r pid && read -r ticks; } 2>/dev/null <"$STATE/run/$1.pid" || return 1
    [[ $(start_ticks "$pid") == "$ticks" ]]
}

# The names that have a pid file, whether or not they still run.
recorded() {
    local file
    for file in "$STATE"/run/*.pid; do
        [[ ! -f $file ]] || basename "$file" .pid
    done
}

# launch NAME PROGRAM ARGUMENT…: starts it in a session of its own, so that Ctrl-C reaches the script and the script
# stops it in order. PROGRAM may be preceded by VARIABLE=value; it gets no other environment.
# With EPHEMERAL set it also dies with this shell, even if that is killed.
launch() {
    local name=$1 death=keep user=() settings
    shift
    mapfile -t settings < <(faked_clock "$name")
    # Who crashes on purpose needs no account of it; the program that would write one outlives whoever is killed meanwhile.
    [[ -z ${LIKA_FAILPOINT:-} ]] || settings+=(SWIFT_BACKTRACE=enable=no)
    [[ -z ${EPHEMERAL:-} ]] || death=$(stop_signal "$name")
    [[ $name != postgres || $EUID != 0 ]] || user=(--reuid=postgres --regid=postgres --init-groups)
    setsid setpriv "${user[@]}" --pdeathsig "$death" -- \
        env --chdir=/ -i PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 LD_LIBRARY_PATH="$LIKA_HOME/lib" "${settings[@]}" "$@" \
        >>"$STATE/log/$name.log" 2>&1 </dev/null &
    printf '%s\n' "$!" "$(start_ticks "$!")" >"$STATE/run/$name.pid"
    # The shell is not to report when a fault kills it.
    disown "$!"
}

# A process named in LIKA_FAKETIME sees a wall clock that `infra/suite clock` moves; time that passes is real for it.
faked_clock() {
    [[ " ${LIKA_FAKETIME:-} " == *" $1 "* ]] || return 0
    [[ -f $(clock_file "$1") ]] || set_clock "$1" +0d
    printf '%s\n' LD_PRELOAD="$(faketime_library)" FAKETIME_TIMESTAMP_FILE="$(clock_file "$1")" FAKETIME_NO_CACHE=1 \
        FAKETIME_DONT_FAKE_MONOTONIC=1
}

faketime_library() {
    local found=(/usr/lib/*/faketime/libfaketimeMT.so.1)
    [[ -f ${found[0]} ]] || die "libfaketime is missing; run infra/setup --test"
    echo "${found[0]}"
}

# PostgreSQL's user may not be able to read anything but the cluster's folder.
clock_file() { [[ $1 == postgres ]] && echo "$(realpath "$STATE/postgres")/clock" || echo "$STATE/run/$1.clock"; }

# set_clock NAME OFFSET: as libfaketime has it, +5d or -2d. In one step: a clock that is read half written would jump.
set_clock() {
    local file
    file=$(clock_file "$1")
    echo "$2" >"$file.new"
    chmod 644 "$file.new"
    mv "$file.new" "$file"
}

# PostgreSQL's fast shutdown is INT; TERM would wait for its clients.
stop_signal() { [[ $1 == postgres ]] && echo INT || echo TERM; }

# need_port FOR SETTING: a clear word before the program itself fails to listen.
need_port() {
    ! listening "${!2}" ||
        die "port ${!2} for $1 is in use; set $2 to a free port (or LIKA_PORT_SHIFT=free for all of them)"
}

# The kernel knows the number still, if only as a process that nobody has collected yet.
lingering() { [[ -e /proc/$(pid_of "$1") ]]; }

# await NAME COMMAND…: waits until COMMAND succeeds; if it does not, shows the end of the log.
await() {
    local name=$1 deadline=$((SECONDS + READY_SECONDS))
    shift
    until "$@" >/dev/null 2>&1; do
        if ! running "$name"; then
            tail -n 20 "$STATE/log/$name.log" >&2
            die "$name stopped while starting; its log is $STATE/log/$name.log"
        fi
        if ((SECONDS > deadline)); then
            tail -n 20 "$STATE/log/$name.log" >&2
            die "$name was not ready after $READY_SECONDS s; its log is $STATE/log/$name.log"
        fi
        sleep 0.05
    done
}

# http_ok PORT PATH: whether it answers 200.
http_ok() {
    timeout 3 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" "$2" >&3
        read -r line <&3 && [[ $line == *" 200 "* ]]' _ "$1" "$2" 2>/dev/null
}

# stop NAME…: asks all of them, then waits for each, then kills what has not gone.
stop() {
    local name deadline=$((SECONDS + STOP_SECONDS))
    for name; do
        ! running "$name" || kill -s "$(stop_signal "$name")" "$(pid_of "$name")" || true
    done
    for name; do
        while running "$name"; do
            if ((SECONDS > deadline)); then
                say "$name did not stop within $STOP_SECONDS s; killing it" >&2
                kill -s KILL "$(pid_of "$name")" || true
                sleep 0.2
            fi
            sleep 0.05
        done
        rm -f "$STATE/run/$name.pid"
    done
}

# Stops everything that has a pid file here, in the reverse order of starting.
stop_all() {
    local name outer=()
    for name in $(recorded); do
        [[ $name =~ ^(postgres|store|broker)$ ]] || outer+=("$name")
    done
    stop "${outer[@]}"
    stop broker
    stop store
    stop postgres
    rm -f "$STATE/run/settings"
}

# foreground COMMAND…: runs a long command so that a signal to this script ends the command and all its children.
foreground() {
    setsid setpriv --pdeathsig TERM -- "$@" &
    FOREGROUND=$!
    local status=0
    wait "$FOREGROUND" || status=$?
    kill -s TERM -- "-$FOREGROUND" 2>/dev/null || true
    FOREGROUND=
    return "$status"
}
FOREGROUND=

# stop_at_exit [FUNCTION]: whatever ends this script, what it started is stopped and its exit status kept; FUNCTION before that.
stop_at_exit() {
    EPHEMERAL=yes
    BEFORE_STOPPING=${1:-true}
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap 'status=$?; trap "" INT TERM HUP; end_foreground; $BEFORE_STOPPING; stop_all; exit $status' EXIT
}

end_foreground() {
    [[ -n $FOREGROUND ]] || return 0
    kill -s TERM -- "-$FOREGROUND" 2>/dev/null || return 0
    # It may be a script that has to stop something in its turn.
    local deadline=$((SECONDS + STOP_SECONDS + 10))
    while kill -s 0 -- "-$FOREGROUND" 2>/dev/null; do
        ((SECONDS <= deadline)) || kill -s KILL -- "-$FOREGROUND" 2>/dev/null || true
        sleep 0.1
    done
}
