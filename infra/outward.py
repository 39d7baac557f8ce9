"""Mail server and CRM: environment variables of the commands that speak to the outside, and of no other process.

Worker, sink and console do not get these secrets, so they are not among their `Addresses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from schemas.errors import SettingsError


class Outward(BaseModel):
    """Secrets are never part of a text made of this object."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    smtp_host: str = Field(
        "", alias="TERRADRIFT_SMTP_HOST", description="mail server; without it nothing goes by e-mail"
    )
    smtp_port: int = Field(587, ge=1, le=65535, alias="TERRADRIFT_SMTP_PORT", description="its port")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", alias="TERRADRIFT_SMTP_TLS", description="how it is spoken to"
    )
    smtp_user: str = Field("", alias="TERRADRIFT_SMTP_USER", description="user of the mail server")
    smtp_password: SecretStr = Field(
        SecretStr(""), alias="TERRADRIFT_SMTP_PASSWORD", description="password of that user"
    )
    smtp_from: str = Field("terradrift@localhost", alias="TERRADRIFT_SMTP_FROM", description="sender of notifications")
    crm_url: str = Field(
        "",
        pattern=r"^$|^https?://\S+$",
        alias="TERRADRIFT_CRM_URL",
        description="webhook of the CRM that takes changes",
    )
    crm_secret: SecretStr = Field(
        SecretStr(""), alias="TERRADRIFT_CRM_SECRET", description="what the CRM checks signatures with"
    )

    def crm(self) -> tuple[str, str] | None:
        """Address and secret of the CRM; None where neither is set. Raises SettingsError when one lacks the other."""
        secret = self.crm_secret.get_secret_value()
        if not self.crm_url and not secret:
            return None
        if not self.crm_url or not secret:
            lacking = "TERRADRIFT_CRM_SECRET" if self.crm_url else "TERRADRIFT_CRM_URL"
            raise SettingsError(f"{lacking} is not set: changes of reps cannot be pushed to the CRM")
        return self.crm_url, secret

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables; an empty value counts as not set. Raises SettingsError naming each wrong one, never its value."""
        given = {
            field.alias: environment[field.alias]
            for field in cls.model_fields.values()
            if field.alias and environment.get(field.alias)
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SettingsError("; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())) from None
