"""What the environment may say, and how it is told when it says nonsense."""

from pathlib import Path

import pytest

from responses_ui import env
from responses_ui.env import EnvironmentMistake, Upstream

AZURE = {"AZURE_OPENAI_ENDPOINT": "https://res.openai.azure.com", "AZURE_OPENAI_DEPLOYMENT": "my-gpt"}


@pytest.fixture
def setenv(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (
        *AZURE,
        "AZURE_OPENAI_API_KEY",
        "OPENAI_API_VERSION",
        "OPENAI_BASE_URL",
        "AZURE_KEY_VAULT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def given(setenv: pytest.MonkeyPatch, **values: str) -> Upstream | None:
    for name, value in values.items():
        setenv.setenv(name, value)
    return env.upstream()


def test_nothing_is_named_by_default(setenv: pytest.MonkeyPatch) -> None:
    assert given(setenv) is None


def test_azure_is_v1_with_entra_id_unless_told_otherwise(setenv: pytest.MonkeyPatch) -> None:
    expected = Upstream(
        kind="azure_v1", base_url="https://res.openai.azure.com/openai/v1/", deployment="my-gpt", auth="entra"
    )
    assert given(setenv, **AZURE) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://res.openai.azure.com/",
        "https://res.openai.azure.com/openai/v1",
        "https://res.openai.azure.com/openai/v1/",
    ],
)
def test_the_portals_addresses_mean_the_same(setenv: pytest.MonkeyPatch, address: str) -> None:
    found = given(setenv, **AZURE | {"AZURE_OPENAI_ENDPOINT": address})
    assert found is not None
    assert found.base_url == "https://res.openai.azure.com/openai/v1/"


def test_a_dated_version_goes_to_the_root_of_the_resource(setenv: pytest.MonkeyPatch) -> None:
    found = given(setenv, **AZURE, OPENAI_API_VERSION="2025-04-01-preview", AZURE_OPENAI_API_KEY="secret")
    assert found is not None
    assert (found.kind, found.base_url) == ("azure_dated", "https://res.openai.azure.com")
    assert (found.auth, found.key_name) == ("env", "AZURE_OPENAI_API_KEY")
    assert "secret" not in repr(found)


def test_a_key_may_be_in_a_vault(setenv: pytest.MonkeyPatch) -> None:
    vault = {"AZURE_KEY_VAULT_URL": "https://v.vault.azure.net", "AZURE_KEY_VAULT_SECRET": "openai-key"}
    found = given(setenv, **AZURE, **vault)
    assert found is not None
    assert (found.auth, found.key_name, found.vault_url) == (
        "key_vault",
        "openai-key",
        "https://v.vault.azure.net",
    )


def test_any_compatible_server(setenv: pytest.MonkeyPatch) -> None:
    found = given(setenv, OPENAI_BASE_URL="http://localhost:9000/v1", OPENAI_MODEL="llama")
    assert found == Upstream(
        kind="openai", base_url="http://localhost:9000/v1/", deployment="llama", model="llama", auth="none"
    )


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"AZURE_OPENAI_ENDPOINT": "res.openai.azure.com"}, "AZURE_OPENAI_ENDPOINT"),
        ({"AZURE_OPENAI_ENDPOINT": "https://"}, "AZURE_OPENAI_ENDPOINT"),
        ({"AZURE_OPENAI_ENDPOINT": "https://res:port"}, "AZURE_OPENAI_ENDPOINT"),
        ({"AZURE_OPENAI_ENDPOINT": "https://res.openai.azure.com"}, "AZURE_OPENAI_DEPLOYMENT"),
        ({**AZURE, "AZURE_KEY_VAULT_URL": "https://v.vault.azure.net"}, "AZURE_KEY_VAULT_SECRET"),
        ({"OPENAI_BASE_URL": "https://llm.example.com/v1/"}, "OPENAI_MODEL"),
    ],
)
def test_a_mistake_names_the_variable_the_shape_and_the_remedy(
    setenv: pytest.MonkeyPatch, values: dict[str, str], name: str
) -> None:
    with pytest.raises(EnvironmentMistake) as mistake:
        given(setenv, **values)
    text = str(mistake.value)
    assert text.startswith(f"{name} is wrong: it must be ")
    assert f"Set it like {name}=" in text


@pytest.mark.parametrize("value", ["x", "-1", "0", "1.5", "99999", "٣"])
def test_numbers_are_whole_and_within_bounds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RETENTION_DAYS", value)
    with pytest.raises(EnvironmentMistake, match="RETENTION_DAYS is wrong"):
        env.whole_number("RETENTION_DAYS", 30, low=1, high=3650)


@pytest.mark.parametrize("value", ["", "0", "soon", "nan", "1e9"])
def test_seconds_are_a_number_within_bounds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LEASE_SECONDS", value)
    if value == "":
        assert env.seconds("LEASE_SECONDS", 45) == 45
    else:
        with pytest.raises(EnvironmentMistake, match="LEASE_SECONDS is wrong"):
            env.seconds("LEASE_SECONDS", 45)


@pytest.mark.parametrize(
    "value", ["chat.example.com", "ftp://chat", "https://chat.example.com/path", "https://a:b"]
)
def test_origins_have_a_scheme_and_no_path(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CSRF_TRUSTED_ORIGINS", value)
    with pytest.raises(EnvironmentMistake, match="CSRF_TRUSTED_ORIGINS is wrong"):
        env.origins("CSRF_TRUSTED_ORIGINS")


@pytest.mark.parametrize("value", ["mysql://db/x", "db.example.com"])
def test_other_databases_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(EnvironmentMistake, match="DATABASE_URL is wrong"):
        env.database(tmp_path)


def test_a_secret_is_made_once_and_is_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = env.secret("SECRET_KEY", tmp_path)
    assert first == env.secret("SECRET_KEY", tmp_path)
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_key_of_the_audit_trail_is_made_once_and_is_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AUDIT_KEY")
    assert env.audit_keys(tmp_path) == env.audit_keys(tmp_path)
    assert (tmp_path / "audit_key").stat().st_mode & 0o777 == 0o600


def test_earlier_keys_of_the_audit_trail_stand_behind_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AUDIT_KEY", "n" * 32)
    monkeypatch.setenv("AUDIT_KEYS_OLD", f"{'b' * 32}, {'a' * 32}")
    assert env.audit_keys(tmp_path) == ["n" * 32, "b" * 32, "a" * 32]


@pytest.mark.parametrize("name", ["AUDIT_KEY", "AUDIT_KEYS_OLD"])
def test_a_short_key_of_the_audit_trail_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(name, "guessable")
    with pytest.raises(EnvironmentMistake, match=f"{name} is wrong: it must be made of") as mistake:
        env.audit_keys(tmp_path)
    assert "guessable" not in str(mistake.value)


def test_a_data_folder_that_cant_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(EnvironmentMistake, match="DATA_DIR is wrong"):
        env.data_dir()
