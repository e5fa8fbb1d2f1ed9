"""Settings, from the environment (`LEIDRAAD_…`) or a `leidraad.toml` in the working folder.

The environment wins over the file. An unknown key in the file is refused by name. `weights.toml` beside this
module holds the numbers of finding and choosing.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assistant.errors import SettingsError
from assistant.roles import LOCAL, Role
from indexer.models import Frozen

ROOT = Path(__file__).resolve().parent.parent
SETTINGS_FILE = "leidraad.toml"

_CONTACT = "uw kwaliteitsmedewerker of beleidsadviseur inburgering"
_CONTACT_EN = "your quality officer or the policy adviser for inburgering"


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
    evals: Path = Field(default=ROOT / "data" / "evals", description="folder of evaluation reports")
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
    chat_url: str | None = Field(
        default=None, description="OpenAI-compatible endpoint of a language model, up to and including /v1"
    )
    chat_model: str = Field(default="", description="model name at that endpoint")
    chat_key: SecretStr | None = Field(default=None, description="key for that endpoint; never logged")
    chat_structured: bool = Field(
        default=True, description="ask the endpoint for JSON by a schema; given up where it refuses"
    )
    chat_temperature: float | None = Field(
        default=0.0, ge=0, le=2, description="how freely the model picks its words; empty for models that refuse it"
    )
    chat_context_tokens: int = Field(default=8_192, ge=1_024, description="what the model can read and write at once")
    chat_output_tokens: int = Field(default=800, ge=64, description="most tokens the model may write in one go")
    chat_answer_tokens: int = Field(
        default=20_000, ge=512, description="most tokens, read and written, that one answer may take"
    )
    chat_day_tokens: int | None = Field(
        default=None, ge=1, description="most tokens a day for everybody together; absent: no limit"
    )
    chat_slow_seconds: float = Field(
        default=4.0, ge=0, description="no word from the model by then: sentences from the sources are shown first"
    )
    chat_stall_seconds: float = Field(
        default=30.0, gt=0, description="longest silence before the first word and between two pieces"
    )
    chat_total_seconds: float = Field(default=120.0, gt=0, description="longest time for one answer of the model")
    chat_tries: int = Field(default=3, ge=1, le=10, description="how often a call is tried before it counts as failed")
    chat_rewrite: bool = Field(
        default=True, description="let the model make a follow-up question stand alone and find other search words"
    )
    chat_price_in: float | None = Field(default=None, ge=0, description="euros per million tokens read")
    chat_price_out: float | None = Field(default=None, ge=0, description="euros per million tokens written")
    contact: str = Field(default=_CONTACT, description="whom to ask when the sources are silent")
    contact_en: str | None = Field(
        default=None, description="the same for answers in English; absent: what `contact` says, where that was set"
    )

    log_json: bool = Field(
        default=False, description="the app logs JSON lines with an id a question, as the API always does"
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

    api_workers: int | None = Field(
        default=None, ge=1, description="questions the API works on at once; absent: one for each processor core"
    )
    api_waiting: int = Field(
        default=40, ge=0, description="questions that may wait besides those; the next is told that it is too busy"
    )
    api_patience: float = Field(
        default=10.0, gt=0, description="seconds that a question waits for its turn before it is told the same"
    )
    judge_url: str | None = Field(
        default=None, description="OpenAI-compatible endpoint of a model that judges answers, for leidraad eval --judge"
    )
    judge_model: str = Field(default="", description="model name at that endpoint; not the model that answers")
    judge_key: SecretStr | None = Field(default=None, description="key for that endpoint")

    def contact_in(self, language: str) -> str:
        """Whom to ask when the sources are silent, in 'nl' or 'en'."""
        if language != "en":
            return self.contact
        return self.contact_en or (_CONTACT_EN if self.contact == _CONTACT else self.contact)

    @property
    def own_questions(self) -> Path:
        """Folder of a municipality's own known questions, beside those that ship."""
        return self.corpus / "local" / "questions"

    @field_validator("chat_day_tokens")
    @classmethod
    def _day_holds_an_answer(cls, day: int | None, info: ValidationInfo) -> int | None:
        most = info.data.get("chat_answer_tokens")
        if day is not None and most is not None and day < most:
            raise ValueError(f"a day must hold one answer of chat_answer_tokens ({most}) at least")
        return day

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
    """How a passage is scored: its similarity in meaning, its words, and bridges that lead to it."""

    depth: int
    bridges: int
    bridge: float
    bridge_from: float
    place: float
    place_from: float
    sentence: float
    link: float
    uncovered: float
    stems: float
    plain: float
    footnote: float


class LeadRule(Frozen):
    """What the likenesses of a question weigh, and from which sum on the evidence is enough."""

    by_leads: float
    by_similarity: float
    by_gap: float
    by_topic: float
    by_side: float
    by_distance: float
    lead: float


class EvidenceWeights(Frozen):
    """When evidence is enough."""

    keep: int
    min_similarity: float
    field_similarity: float
    min_coverage: float
    sure_similarity: float
    sure_coverage: float
    sure_bridge: float
    bare_bridge: float
    gap_from: float
    broad: LeadRule
    small: LeadRule
    partial_coverage: float
    regime_margin: float
    local_margin: float
    national_margin: float
    national_bridge: float
    unknown_weight: float


class AnswerWeights(Frozen):
    """How much an extractive answer says."""

    sentences: int
    words: int
    candidates: int
    margin: float
    passages: int
    whole_passages: int
    passage_margin: float
    leading: int
    leading_margin: float
    whole: int
    whole_top: int
    words_weight: float
    passage_weight: float
    opening_weight: float
    told_weight: float
    told_from: float


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
