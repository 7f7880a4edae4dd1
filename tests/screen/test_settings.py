#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Settings: written, read, refused, and the themes among them."""
import os
import re
import stat
import tempfile
from pathlib import Path

from screen import BUILD, TMP, Screen, fake_viewer, group_by, needs_root, run_tests, titles

FAKE = fake_viewer()
TCPRETOP = os.environ.get("TCPRETOP", str(BUILD / "tcpretop"))


def themes():
    """the theme follows COLORFGBG, the settings say otherwise, and mono has no colour"""
    config = Path(tempfile.mkdtemp(dir=TMP))
    (config / "tcpretop").mkdir()
    grounds = {"dark": "48;5;238", "light": "48;5;253"}
    for said, setting, look in (
        ("15;0", "", "dark"),
        ("0;default;15", "", "light"),
        ("0;7", "theme=dark", "dark"),
        ("", "theme=light", "light"),
        ("0;15", "theme=mono", "mono"),
    ):
        (config / "tcpretop/settings").write_text(setting + "\n")
        env = {"COLORFGBG": said, "XDG_CONFIG_HOME": str(config)}
        with Screen(f"{FAKE} --settings -d 0.2", env=env) as s:
            s.wait("nginx")
            s.keys("Down")
            s.wait("order held")
            s.settle()
            text = s.text(attributes=True)
            for name, ground in grounds.items():
                assert (ground in text) == (name == look), (said, setting, look)
            assert bool(re.search(r"\033\[[\d;]*(3[0-8]|4[0-8])[;m]", text)) == (look != "mono"), (said, setting)
            s.keys("W")
            s.wait("settings written")
            assert f"\n{setting or 'theme=auto'}\n" in (config / "tcpretop/settings").read_text()


def settings_round_trip():
    """W writes how it is shown; the next start looks like that, options win, and a bad line is told"""
    config = Path(tempfile.mkdtemp(dir=TMP)) / "new"
    env = {"XDG_CONFIG_HOME": str(config)}
    with Screen(f"{FAKE} --settings -d 0.4 --no-mouse", columns=200, env=env) as s:
        s.wait("nginx")
        s.keys(">", ">", "r", "l", "e", "F2", "Down", "Space", "Enter")
        group_by(s, "remote")
        s.keys("Down", "Enter")
        s.wait("flows 1 of 13")
        s.keys("<")  # the order within a group is not that of the groups
        s.wait("sort: RETR ↓")
        s.keys("W")
        s.wait(f"settings written to {config}/tcpretop/settings")
    kept = config / "tcpretop/settings"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert [path.name for path in kept.parent.iterdir()] == ["settings"]
    text = kept.read_text()
    for line in ("sort=-RATIO", "group=remote", "delay=0.4", "event-pane=off", "lossprobe", "no-mouse"):
        assert f"\n{line}\n" in text, text
    assert "no-color" not in text and "RETR,RATIO," in text, text
    with Screen(f"{FAKE} --settings -d 0.2", columns=200, env=env) as s:
        text = s.wait(lambda t: "nginx" in t and "every 0.2 s" in t)
        assert "sort: RATIO ↑" in text and "TLP: on" in text and "group: remote" in text and "─ events ─" not in text
        assert re.search(r"FLOWS +GROUP +RETR +RATIO", titles(s)), titles(s)
    with open(kept, "a") as f:
        f.write("sort=RTX\n")
    with Screen(f"{FAKE} --settings -d 0.2 -n 3", env=env) as s:
        s.wait(f"settings:{len(kept.read_text().splitlines())}: there is no column 'RTX'")


def settings_of_another():
    """settings are not written into another user's folder, as a home that sudo kept"""
    needs_root()
    home = Path(tempfile.mkdtemp(dir=TMP))
    os.chown(home, 1234, 1234)
    with Screen(f"{FAKE} -d 0.2", columns=160, env={"XDG_CONFIG_HOME": str(home)}) as s:
        s.wait("nginx")
        s.keys("W")
        s.wait("is below another user's folder")
    assert not list(home.iterdir())


def settings_of_the_program():
    """tcpretop itself reads them for its screen, tells of a wrong line, and does not for -b"""
    config = Path(tempfile.mkdtemp(dir=TMP))
    (config / "tcpretop").mkdir()
    (config / "tcpretop/settings").write_text("delay=0.3\ngroup=lport\nsurt=RTT\n")
    env = {"XDG_CONFIG_HOME": str(config)}
    needs_root()
    with Screen(f"{TCPRETOP} -o RATIO", columns=160, env=env) as s:
        s.wait("settings:3: there is no setting 'surt'")
        s.wait(lambda t: "every 0.3 s" in t and "group: lport" in t and "sort: RATIO" in t)
        s.keys("q")
        s.wait("exit status 0")
    with Screen(f"{TCPRETOP} -b --rows 3 -n 1 -d 2 | cat", columns=160, env=env) as s:
        text = s.wait("exit status 0")
        assert re.search(r"every 2\.\d s", text) and "group:" not in text and "surt" not in text, text


run_tests([themes, settings_round_trip, settings_of_another, settings_of_the_program])
