"""The environment: its defaults, its secrets from files, and errors that name the variable and never its value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import (
    SettingsError,
    authorities_file,
    example_organisation,
    read_settings,
    regimes_folder,
    templates_folder,
)


def test_with_no_variables_everything_is_local(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = read_settings()
    assert settings.home == tmp_path / ".local" / "share" / "tocsin"
    assert settings.database_url == f"sqlite:///{settings.home}/tocsin.sqlite3"
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.1", 8300)
    assert settings.sendgrid_host == "https://api.sendgrid.com"
    assert settings.organisation is None
    assert settings.prefect_api_url is None
    assert settings.sendgrid_api_key is None
    assert settings.token is None
    assert settings.master_key is None


def test_reading_creates_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    read_settings()
    assert list(tmp_path.iterdir()) == []


def test_the_home_folder_follows_the_xdg_rules(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert read_settings().home == tmp_path / "data" / "tocsin"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    assert read_settings().home == Path.home() / ".local" / "share" / "tocsin"


def test_the_database_lies_in_the_home_folder_that_was_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "here"))
    assert read_settings().database_url == f"sqlite:///{tmp_path}/here/tocsin.sqlite3"


def test_a_relative_home_is_made_absolute_and_a_tilde_understood(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_HOME", "here")
    assert read_settings().home == tmp_path / "here"
    monkeypatch.setenv("TOCSIN_HOME", "~/here")
    assert read_settings().home == Path.home() / "here"


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    for name in ("TOCSIN_DATABASE_URL", "TOCSIN_LISTEN", "SENDGRID_API_KEY", "PREFECT_API_URL", "TOCSIN_ORGANISATION"):
        monkeypatch.setenv(name, "")
    settings = read_settings()
    assert settings.database_url.startswith("sqlite:")
    assert settings.listen_port == 8300
    assert settings.sendgrid_api_key is None
    assert settings.prefect_api_url is None


def test_a_secret_may_come_from_a_file_without_its_last_newline(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("SG.canary\n", encoding="utf-8")
    monkeypatch.setenv("SENDGRID_API_KEY_FILE", str(tmp_path / "key"))
    key = read_settings().sendgrid_api_key
    assert key is not None
    assert key.get_secret_value() == "SG.canary"


def test_the_database_address_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql+psycopg://tocsin:canary@127.0.0.1/tocsin\n", encoding="utf-8")
    monkeypatch.setenv("TOCSIN_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert read_settings().database_url == "postgresql+psycopg://tocsin:canary@127.0.0.1/tocsin"


@pytest.mark.parametrize("name", ["TOCSIN_DATABASE_URL", "TOCSIN_TOKEN", "TOCSIN_MASTER_KEY", "SENDGRID_API_KEY"])
def test_a_secret_given_twice_is_refused(monkeypatch, tmp_path, name):
    (tmp_path / "secret").write_text("sqlite:///canary-one", encoding="utf-8")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv(name, "sqlite:///canary-two")
    with pytest.raises(SettingsError, match=f"^{name}: given twice") as refused:
        read_settings()
    assert "canary" not in str(refused.value)


def test_a_missing_or_empty_secret_file_is_refused_by_its_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("TOCSIN_TOKEN_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match="^TOCSIN_TOKEN_FILE: cannot be read: No such file"):
        read_settings()
    (tmp_path / "absent").write_text("\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="^TOCSIN_TOKEN_FILE: the file is empty"):
        read_settings()


def test_a_secret_without_end_is_refused(monkeypatch):
    monkeypatch.setenv("TOCSIN_TOKEN_FILE", "/dev/zero")
    with pytest.raises(SettingsError, match="^TOCSIN_TOKEN_FILE: the file is empty, or longer than any secret"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOCSIN_LISTEN", "canary"),
        ("TOCSIN_LISTEN", "127.0.0.1:0"),
        ("TOCSIN_LISTEN", "127.0.0.1:65536"),
        ("TOCSIN_LISTEN", "::1:8300"),
        ("TOCSIN_DATABASE_URL", "mysql://root:canary@127.0.0.1/tocsin"),
        ("SENDGRID_HOST", "canary"),
        ("SENDGRID_HOST", "http://canary.example.org"),
        ("SENDGRID_HOST", "http://localhost.canary.example.org"),
        ("PREFECT_API_URL", "canary:4200/api"),
    ],
)
def test_a_wrong_value_is_refused_by_its_variable_and_not_repeated(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: must ") as refused:
        read_settings()
    assert "canary" not in str(refused.value)


def test_all_wrong_variables_are_told_at_once(monkeypatch):
    monkeypatch.setenv("TOCSIN_LISTEN", "x")
    monkeypatch.setenv("SENDGRID_HOST", "x")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["TOCSIN_LISTEN", "SENDGRID_HOST"]


def test_an_ipv6_host_stands_in_brackets(monkeypatch):
    monkeypatch.setenv("TOCSIN_LISTEN", "[::1]:8300")
    assert (read_settings().listen_host, read_settings().listen_port) == ("::1", 8300)


def test_no_secret_shows_when_settings_are_printed(monkeypatch):
    monkeypatch.setenv("SENDGRID_API_KEY", "canary-1")
    monkeypatch.setenv("TOCSIN_TOKEN", "canary-2")
    monkeypatch.setenv("TOCSIN_MASTER_KEY", "canary-3")
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "postgresql+psycopg://tocsin:canary-4@127.0.0.1/tocsin")
    assert "canary" not in repr(read_settings())
    assert "canary" not in str(read_settings())


def test_what_is_shipped_is_found():
    assert templates_folder().is_dir()
    assert regimes_folder().is_dir()
    assert authorities_file().is_file()
    assert example_organisation().is_file()


def test_settings_import_nothing_heavy():
    loaded = subprocess.run(
        [sys.executable, "-c", "import config.settings, sys; print(*sys.modules)"],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    ).stdout.split()  # fmt: skip
    assert not {"prefect", "sqlalchemy", "sqlmodel", "fastapi", "jinja2", "sendgrid", "apprise", "yaml"} & set(loaded)
