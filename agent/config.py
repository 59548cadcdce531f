"""Configuration: defaults < ``scorewright.toml`` < ``SCOREWRIGHT_*`` in the environment < flags."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from tools.contract import ToolSettings
from tools.errors import UserError

CONFIG_FILE = "scorewright.toml"


class Config(BaseSettings):
    """Everything a person can set, each with its unit; ``scorewright doctor`` shows what is in force."""

    model_config = SettingsConfigDict(
        env_prefix="SCOREWRIGHT_", toml_file=CONFIG_FILE, extra="forbid", populate_by_name=True
    )

    planner: Literal["auto", "llm", "grammar"] = "auto"
    model: str | None = Field(None, description="Chat model of an OpenAI-compatible server, as 'gpt-5-mini'.")
    base_url: str | None = Field(
        None, validation_alias=AliasChoices("SCOREWRIGHT_BASE_URL", "OPENAI_BASE_URL", "base_url")
    )
    api_key: str | None = Field(
        None, validation_alias=AliasChoices("SCOREWRIGHT_API_KEY", "OPENAI_API_KEY", "api_key"), repr=False
    )
    llm_timeout_s: float = Field(60.0, gt=0, description="Longest wait for one answer of the model, in seconds.")
    llm_retries: int = Field(2, ge=0, le=10, description="Tries after a failure of the model's server.")

    runs_dir: Path = Field(Path("runs"), description="Where runs put their folders when --out is not given.")
    sessions_dir: Path = Field(default_factory=lambda: user_data_path("scorewright") / "sessions")
    preferences_file: Path = Field(
        default_factory=lambda: user_data_path("scorewright") / "preferences.jsonl",
        description="Where thumbs from the chat are kept, one JSON object a line.",
    )
    cache_dir: Path = Field(default_factory=lambda: user_cache_path("scorewright"))
    library_file: Path = Field(
        default_factory=lambda: user_data_path("scorewright") / "library" / "library.sqlite3",
        description="The person's own library: what `scorewright library add` has read.",
    )
    chroma_url: str | None = Field(None, description="A Chroma server for that library, as 'http://localhost:8000'.")
    cache_max_mb: float = Field(2048, ge=0, description="Most the step cache may hold, in MB; 0 turns it off.")

    workers: int = Field(default_factory=lambda: os.cpu_count() or 2, ge=1, description="Steps that run at once.")
    step_timeout_s: float | None = Field(
        None, gt=0, description="Bound on every step, in seconds; None is the tool's own."
    )
    max_repairs: int = Field(2, ge=0, le=10, description="Rounds of repair after missed checks.")

    soundfont: Path | None = Field(None, description="A SoundFont (SF2) that plays before any other.")
    max_video_s: float = Field(4 * 3600, gt=0, description="Longest film that is read, in seconds.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def tool_settings(self) -> ToolSettings:
        """The part that tools may read."""
        return ToolSettings.model_validate(self.model_dump(include=set(ToolSettings.model_fields)))


def load_config(**flags: Any) -> Config:
    """The configuration in force; flags that are ``None`` were not given.

    Raises
    ------
    UserError
        When a value is of the wrong type or a name is unknown; the message says which.
    """
    try:
        return Config(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as err:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in err.errors())
        raise UserError(
            f"The configuration is wrong: {wrong}. See {CONFIG_FILE} and the SCOREWRIGHT_* variables."
        ) from err
    except (OSError, ValueError) as err:
        raise UserError(f"{CONFIG_FILE} cannot be read ({err}); mend it or move it away.") from err
