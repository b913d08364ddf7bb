"""A real OpenID Connect provider (canaille) for the tests, with its people in memory.

    provider.py --port 5000 --keys keys.json --client lika --secret s --back http://127.0.0.1:8080/sign-in/back
                --person li.ming:password:lika:poverty_office,lika:in:530427001 --person nobody:password:

`keys.json` is a JWK Set with private keys, made if it is not there; all of them are published. It serves http on loopback only.
"""
import argparse
import json
import os

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import ECKey, OKPKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """An address holds the state of a sign-in, so none is logged."""

    def log_request(self, *_):
        pass


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", required=True)
    parser.add_argument("--client", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--back", action="append", required=True)
    parser.add_argument("--person", action="append", default=[], help="account:password:group,group")
    return parser.parse_args()


def keys_in(path):
    if not os.path.exists(path):
        made = [RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")]
        for key in made:
            key.ensure_kid()
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"keys": [key.as_dict(private=True) for key in made]}, file)
    with open(path, encoding="utf-8") as file:
        return json.load(file)["keys"]


def application(given):
    address = f"127.0.0.1:{given.port}"
    return create_app(
        config={
            "SECRET_KEY": given.secret,
            "SERVER_NAME": address,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "ENABLE_PASSWORD_COMPROMISSION_CHECK": False, "JAVASCRIPT": False},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": keys_in(given.keys)},
        },
        env_file=None,
    )


def fill(given):
    backend = Backend.instance
    groups = {}
    for person in given.person:
        account, password, names = person.split(":", 2)
        user = models.User(
            user_name=account, family_name=account, formatted_name=account, password=password, emails=[f"{account}@example.com"])
        backend.save(user)
        for name in filter(None, names.split(",")):
            groups.setdefault(name, []).append(user)
    for name, members in groups.items():
        backend.save(models.Group(display_name=name, members=members))
    client = models.Client(
        client_id=given.client, client_name="Lika", client_secret=given.secret, client_uri="http://127.0.0.1",
        redirect_uris=given.back, post_logout_redirect_uris=given.back, grant_types=["authorization_code"], response_types=["code"],
        scope=["openid", "groups"], token_endpoint_auth_method="client_secret_basic",
        id_token_signed_response_alg="RS256", contacts=[])
    backend.save(client)
    client.audience = [client]
    backend.save(client)


def main():
    given = arguments()
    app = application(given)
    with app.app_context():
        fill(given)
    make_server("127.0.0.1", given.port, app, threaded=True, request_handler=Quiet).serve_forever()


if __name__ == "__main__":
    main()
