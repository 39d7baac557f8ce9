"""Signing in with an OpenID Connect provider: the authorization code flow with PKCE, by Authlib.

The provider says who somebody is. What they may do says the file of users, where one of its users has the name that the
provider's claim gives; else the claims `terradrift_roles`, `terradrift_regions` and `terradrift_rep` of the provider.
Authlib is loaded where OpenID is configured only.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from console.access.rights import ROLES, Person, Role
from console.access.users import NAME, Users
from schemas.errors import SettingsError, UnavailableError

SCOPE: Final = "openid profile email"
PATIENCE_SECONDS: Final = 10
KEPT_SECONDS: Final = 3600
ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY_SECONDS: Final = 60


class NotRecognisedError(Exception):
    """The provider's answer cannot be trusted, or names nobody who may come in."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What is remembered while somebody is at the provider."""

    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class OpenId:
    """A provider as this console knows it. `user_claim` names the claim that is the user's name here."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    user_claim: str = "email"
    _metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _keys: Any = field(default_factory=dict, repr=False)
    _read_at: float = field(default=float("-inf"), repr=False)

    def depart(self, back: str) -> tuple[str, Departure]:
        """The address at the provider to go to, and what to remember. Raises UnavailableError."""
        leaving = Departure(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        session = self._session(back)
        url, _ = session.create_authorization_url(
            self._known()["authorization_endpoint"],
            state=leaving.state,
            nonce=leaving.nonce,
            code_verifier=leaving.verifier,
        )
        return str(url), leaving

    def arrive(self, back: str, code: str, leaving: Departure) -> dict[str, Any]:
        """The claims about who comes back with a code. Raises NotRecognisedError, UnavailableError."""
        from authlib.integrations.base_client.errors import OAuthError
        from requests import RequestException

        session = self._session(back)
        known = self._known()
        try:
            token = session.fetch_token(
                known["token_endpoint"], code=code, code_verifier=leaving.verifier, timeout=PATIENCE_SECONDS
            )
            claims = self._claims(str(token.get("id_token", "")), leaving.nonce)
            if self.user_claim not in claims and "userinfo_endpoint" in known:
                told = session.get(known["userinfo_endpoint"], timeout=PATIENCE_SECONDS).json()
                if told.get("sub") != claims["sub"]:
                    raise NotRecognisedError("the provider speaks of somebody else")
                claims = {**told, **claims}
        except OAuthError as refused:
            raise NotRecognisedError(f"the provider refuses: {refused.error}") from None
        except (RequestException, ValueError) as away:
            raise UnavailableError(
                f"the OpenID provider {self.issuer} does not answer: {type(away).__name__}"
            ) from None
        return claims

    def person(self, claims: Mapping[str, Any], users: Users) -> tuple[Person, bool]:
        """Who these claims are here, and whether the rights are the provider's. Raises NotRecognisedError."""
        name = claims.get(self.user_claim)
        if not isinstance(name, str) or not NAME.match(name):
            raise NotRecognisedError(f"the claim {self.user_claim!r} is missing, or is no name of a user")
        if self.user_claim == "email" and claims.get("email_verified") is not True:
            raise NotRecognisedError("the provider has not verified the e-mail address")
        known = users.person(name) if users.from_file else None
        if known is not None:
            return known, False
        roles, regions = _texts(claims.get("terradrift_roles")), _texts(claims.get("terradrift_regions"))
        rep = claims.get("terradrift_rep")
        if not roles or not set(roles) <= set(ROLES):
            raise NotRecognisedError(f"{name} is no user here, and the provider gives no role")
        try:
            return Person(name, cast("tuple[Role, ...]", roles), regions, rep if isinstance(rep, str) else ""), True
        except SettingsError as error:
            raise NotRecognisedError(str(error)) from None

    def _session(self, back: str) -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client_id, self.client_secret, scope=SCOPE, redirect_uri=back, code_challenge_method="S256"
        )

    def _known(self) -> Mapping[str, Any]:
        """The provider's description and keys, read again after an hour. Raises UnavailableError."""
        if time.monotonic() - self._read_at > KEPT_SECONDS:
            self._read()
        return self._metadata

    def _read(self) -> None:
        import requests

        try:
            found = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=PATIENCE_SECONDS)
            found.raise_for_status()
            metadata = found.json()
            keys = requests.get(metadata["jwks_uri"], timeout=PATIENCE_SECONDS)
            keys.raise_for_status()
            self._keys = keys.json()
        except (requests.RequestException, ValueError, KeyError) as away:
            raise UnavailableError(
                f"the OpenID provider {self.issuer} does not answer: {type(away).__name__}"
            ) from None
        if metadata.get("issuer", "").rstrip("/") != self.issuer.rstrip("/"):
            raise UnavailableError(f"the OpenID provider at {self.issuer} calls itself {metadata.get('issuer')!r}")
        self._metadata, self._read_at = metadata, time.monotonic()

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that is signed by the provider, for us, now, and asked by this browser."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS, iss={"essential": True, "value": self._metadata["issuer"]},
            aud={"essential": True, "value": self.client_id}, sub={"essential": True}, exp={"essential": True},
            iat={"essential": True}, nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        for attempt in (1, 2):
            try:
                token = jwt.decode(id_token, KeySet.import_key_set(self._keys), algorithms=ALGORITHMS)
                rules.validate(token.claims)
                break
            except (JoseError, ValueError) as wrong:
                if attempt == 2:
                    raise NotRecognisedError(f"the provider's token is not good: {type(wrong).__name__}") from None
                self._read()  # the provider may have new keys
        claims = dict(token.claims)
        if claims.get("azp", self.client_id) != self.client_id:
            raise NotRecognisedError("the provider's token is for somebody else")
        return claims


def _texts(value: object) -> tuple[str, ...]:
    """A claim that is a list of texts, or one text of words."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
