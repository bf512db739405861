"""The supervisor: it restarts what ends, and nothing outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.cli.demo import run as demo
from portal.cli.demo.supervisor import Child, stop_all
from portal.settings import ROOT, read_env_file, read_settings
from tests.furnishing.waits import until

SLEEP = (sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(60)",
)


def a_child(folder: Path, *command: str) -> Child:
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    return Child("child", command, dict(os.environ), folder, lock)


def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    child = a_child(tmp_path, *SLEEP)
    child.start()
    assert child.process is not None
    first = child.process.pid
    assert not child.revive()
    child.process.kill()
    until(child.revive, "another process")
    assert child.process.pid != first
    assert child.pause == 1.0
    stop_all([child])
    assert child.process.poll() is not None


def test_a_child_that_does_not_listen_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cli.demo.supervisor.PATIENCE", 0.4)
    child = a_child(tmp_path, *STUBBORN)
    child.start()
    until(lambda: "here" in (tmp_path / "child.log").read_text(), "its word")
    stop_all([child])
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cli.demo.supervisor.LONGEST_LOG", 3)
    (tmp_path / "child.log").write_text("long")
    a_child(tmp_path).open_log().close()
    assert (tmp_path / "child.log.1").read_text() == "long"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from portal.cli.demo.supervisor import Child\n"
        f"child = Child('c', {SLEEP!r}, dict(os.environ), Path({str(tmp_path)!r}), 1)\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not is_alive(pid), "its end")


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_secrets_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "KEPT_FILE", tmp_path / "demo.env")
    first = demo.choose_env({}, demo.Ports(8000, 8001, 8002))
    demo.keep_env(first)
    second = demo.choose_env({"UNCERTAIN_QUIET": "9"}, demo.Ports(9000, 9001, 9002))
    assert first["SECRET_KEY"] == second["SECRET_KEY"] == read_env_file(demo.KEPT_FILE)["SECRET_KEY"]
    assert first["ENCRYPTION_KEYS"] == second["ENCRYPTION_KEYS"]
    assert (first["UNCERTAIN_QUIET"], second["UNCERTAIN_QUIET"]) == ("5", "9")
    assert second["PUBLIC_URL"] == "http://localhost:9000"
    assert second["EXACT_BE_URL"] == "http://localhost:9001"
    assert demo.KEPT_FILE.stat().st_mode & 0o077 == 0


def test_the_demo_is_a_portal_that_may_start() -> None:
    assert read_settings(demo.choose_env({}, demo.Ports(8000, 8001, 8002))).uncertain_quiet == 5


def test_nothing_of_a_real_portal_reaches_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "ENV_FILE", tmp_path / ".env")
    (tmp_path / ".env").write_text("SMTP_URL=smtp://mail.example.com\nEXACT_NL_CLIENT_ID=real\n")
    env = demo.env_of({"TRUSTED_PROXIES": "1"}, demo.choose_env({}, demo.Ports(8000, 8001, 8002)))
    read = read_settings(env)
    assert (read.mail, read.exact["NL"].client_id, read.trusted_proxies) == (None, "demo-client", 1)


def test_a_command_needs_a_demo_to_have_been(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "KEPT_FILE", tmp_path / "demo.env")
    with pytest.raises(demo.DemoError, match="make demo"):
        demo.main(["flask", "routes"])


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(demo.DemoError, match=f"make demo PORT={port + 10}"):
            demo.check_ports(demo.Ports(port, 1, 2))


def test_waiting_ends() -> None:
    began = time.monotonic()
    assert not demo.wait_for(lambda: False, 0.2)
    assert time.monotonic() - began < 5


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(demo, "INSTANCE", tmp_path)
    monkeypatch.setattr(demo, "wait_for", lambda holds, _seconds: holds())
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    (tmp_path / ".gitkeep").touch()
    return tmp_path


def test_a_folder_serves_one_demo_at_a_time(instance: Path) -> None:
    lock = demo.take_lock()
    with pytest.raises(demo.DemoError, match="running in this folder"):
        demo.reset()
    os.close(lock)


def test_a_reset_forgets_everything(instance: Path) -> None:
    (instance / "portal.sqlite").touch()
    (instance / "valkey").mkdir()
    demo.reset()
    assert [path.name for path in instance.iterdir()] == [".gitkeep"]
