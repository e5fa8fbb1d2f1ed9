"""Settings, from the environment (`LEIDRAAD_…`) or a `leidraad.toml` in the working folder.

The environment wins over the file. An unknown key in the file is refused by name. `weights.toml` beside this
module holds the numbers of finding and choosing.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsError
from assistant.people import Role
from assistant.tables import LOCAL
from indexer.models import Frozen

ROOT = Path(__file__).resolve().parent.parent
SETTINGS_FILE = "leidraad.toml"


class Settings(BaseSettings):
    """Everything that can be set. Paths that are not absolute are taken from the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="LEIDRAAD_", extra="forbid", frozen=True, toml_file=SETTINGS_FILE, env_ignore_empty=True
    )

    corpus: Path = Field(default=ROOT / "corpus", description="folder of documents to index")
    index: Path = Field(default=ROOT / "data" / "index", description="folder of the index")
    cache: Path = Field(default=ROOT / "data" / "cache", description="folder for what can be made again")
    records: str = Field(
        default=f"sqlite:///{ROOT / 'data' / 'records.sqlite'}", description="database of conversations, as a URL"
    )
    mode: Literal["extractive", "generative"] = Field(
        default="extractive", description="who puts the sentences together"
    )
    embedding_url: str | None = Field(
        default=None, description="OpenAI-compatible endpoint for embeddings; absent: the bundled model"
    )
    embedding_model: str = Field(default="", description="model name at that endpoint")
    embedding_key: SecretStr | None = Field(default=None, description="key for that endpoint")
    vector_server: str | None = Field(
        default=None, description="URL of a Chroma server for the vectors; absent: in the folder of the index"
    )
    threads: int | None = Field(default=None, ge=1, description="processor threads for the bundled model")
    contact: str = Field(
        default="uw kwaliteitsmedewerker of beleidsadviseur inburgering",
        description="whom to ask when the sources are silent",
    )

    local_person: str = Field(default=LOCAL, description="id of the one local user, where nobody signs in")
    local_name: str = Field(default="Lokale gebruiker", description="how the app calls that user")
    local_roles: tuple[Role, ...] = Field(
        default=tuple(Role), description="what that user does here: professional, reviewer, trainer, policy, manager"
    )
    sign_in: bool = Field(
        default=False, description="nobody gets in without signing in, also where no sign-in provider is configured"
    )
    sign_in_file: Path | None = Field(
        default=None, description="file with the [auth] section for the sign-in provider, as Streamlit's secrets.toml"
    )
    identity_claim: str = Field(default="sub", description="what the provider calls the person's own, lasting id")
    roles_claim: str = Field(default="roles", description="what the provider calls the person's roles or groups")
    role_names: dict[str, Role] = Field(
        default_factory=dict,
        description="the provider's names of roles or groups and the role each gives here; "
        "empty: professional, reviewer, trainer, policy, manager by those names",
    )
    session_hours: float = Field(default=9, gt=0, le=24 * 30, description="hours after which one signs in again")
    retention_days: int = Field(
        default=365, ge=0, description="days after which conversations are deleted; 0 keeps them for ever"
    )

    repository: str = Field(
        default="https://repository.officiele-overheidspublicaties.nl",
        description="where `leidraad fetch` finds official texts; a mirror of it may be named",
    )
    ageing_days: int = Field(
        default=30,
        ge=1,
        description="after how many days without a look at its origin an official text is called ageing",
    )

    @property
    def plain(self) -> tuple[Path, ...]:
        """Folders of the plain-words layer that ships, beside what the corpus folder has itself."""
        return (ROOT / "corpus" / "plain",)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — the signature is given
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given in code, then environment, then file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**given: object) -> Settings:
    """The settings in force. Raises `SettingsError` with the name of the setting that is wrong."""
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The setting '{name}' is wrong: {first['msg']}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{SETTINGS_FILE} is not valid TOML: {error}.") from None


class Finding(Frozen):
    """How a passage is scored: its similarity in meaning, its words, and a bridge that leads to it."""

    depth: int
    bridges: int
    bridge: float
    bridge_from: float
    front: int
    front_from: float
    stems: float
    grams: float
    footnote: float


class EvidenceWeights(Frozen):
    """When evidence is enough."""

    keep: int
    min_similarity: float
    field_similarity: float
    min_coverage: float
    sure_similarity: float
    sure_coverage: float
    sure_bridge: float
    gap_from: float
    partial_coverage: float
    regime_margin: float
    local_margin: float
    unknown_weight: float


class AnswerWeights(Frozen):
    """How much an extractive answer says."""

    sentences: int
    words: int
    candidates: int
    margin: float
    passages: int
    passage_margin: float
    leading: int
    leading_margin: float
    whole: int
    words_weight: float
    passage_weight: float
    opening_weight: float


class Weights(Frozen):
    """The numbers of finding and choosing, from `weights.toml`."""

    finding: Finding
    kinds: dict[str, float]
    evidence: EvidenceWeights
    answer: AnswerWeights


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The weights that ship with this version."""
    return Weights.model_validate(tomllib.loads((Path(__file__).parent / "weights.toml").read_text(encoding="utf-8")))
