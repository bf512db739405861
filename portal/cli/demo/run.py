"""``python -m portal.cli.demo``: everything on one machine, against the sandbox, until Ctrl-C."""

import base64
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from portal.cli.demo.supervisor import Child, Stopped, keep_running, stop_all, stop_on_signals
from portal.cli.demo.valkey import config_of, find_server, free_port
from portal.settings import ENV_FILE, LOCALES, ROOT, read_env_file, shell_environment

INSTANCE = ROOT / "instance"
KEPT_FILE = INSTANCE / "demo.env"
STARTING = 60.0
FLASK = (sys.executable, "-m", "flask", "--app", "app")


class DemoError(RuntimeError):
    """The demo cannot start. The text says why and what to do."""


class Ports(NamedTuple):
    """Where the three services listen."""

    portal: int
    exact: int
    productive: int


def read_ports(given: Mapping[str, str]) -> Ports:
    """Return the ports asked for, 8000 to 8002 if nothing is said."""
    return Ports(
        int(given.get("PORT", "8000")),
        int(given.get("EXACT_PORT", "8001")),
        int(given.get("PRODUCTIVE_PORT", "8002")),
    )


def choose_env(given: Mapping[str, str], ports: Ports) -> dict[str, str]:
    """Return the portal's settings. Secrets are made once and kept."""
    kept = read_env_file(KEPT_FILE)
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    redis_url = f"redis://:{secrets.token_hex(16)}@127.0.0.1:{free_port()}/0"
    env = {
        "DATABASE_URL": given.get("DATABASE_URL", f"sqlite:///{INSTANCE}/portal.sqlite"),
        "REDIS_URL": given.get("REDIS_URL", redis_url),
        "SECRET_KEY": kept.get("SECRET_KEY", secrets.token_hex(32)),
        "ENCRYPTION_KEYS": kept.get("ENCRYPTION_KEYS", key),
        "PUBLIC_URL": f"http://localhost:{ports.portal}",
        "PRODUCTIVE_URL": f"http://localhost:{ports.productive}/api/v2",
        "UNCERTAIN_QUIET": given.get("UNCERTAIN_QUIET", "5"),
        "EXACT_ENTRY_PAGE": "{base}/entries/{entry_id}",
        "EXACT_VAT_PAGE": "{base}/vat-codes?division={division}",
    }

    for locale in LOCALES:
        env[f"EXACT_{locale}_URL"] = f"http://localhost:{ports.exact}"
        env[f"EXACT_{locale}_CLIENT_ID"] = "demo-client"
        env[f"EXACT_{locale}_CLIENT_SECRET"] = "demo-secret"

    return env


def keep_env(env: Mapping[str, str]) -> None:
    """Keep the settings for the next start. Nothing but the demo reads them."""
    KEPT_FILE.touch(mode=0o600)
    KEPT_FILE.write_text("".join(f"{name}={value}\n" for name, value in env.items()))


def env_of(given: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the demo's processes: nothing of a real portal's ``.env`` reaches them."""
    nothing_of = dict.fromkeys(read_env_file(ENV_FILE), "")
    return {**nothing_of, **given, **settings, "PYTHONUNBUFFERED": "1"}


def take_lock() -> int:
    """Hold the folder. The children hold it too, so that no second demo writes to the same files."""
    os.umask(0o077)
    INSTANCE.mkdir(exist_ok=True)
    (INSTANCE / "logs").mkdir(exist_ok=True)
    lock = os.open(INSTANCE / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def is_ours() -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False

        return True

    if not wait_for(is_ours, 15):
        raise DemoError("A demo is running in this folder already. Stop it first (Ctrl-C in its window).")

    return lock


def wait_for(holds: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds, and say whether it does."""
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True


def is_up(url: str) -> bool:
    """Say whether an address answers without a fault of its own."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own loopback addresses
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def check_ports(ports: Ports) -> None:
    """Refuse ports that somebody else uses."""
    for name, port in zip(("PORT", "EXACT_PORT", "PRODUCTIVE_PORT"), ports, strict=True):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise DemoError(
                    f"Port {port} is in use. Choose another one, like: make demo {name}={port + 10}"
                ) from None


class Demo:
    """The processes of a demo."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.ports = read_ports(given)
        self.lock = take_lock()
        check_ports(self.ports)
        self.settings = choose_env(given, self.ports)
        self.embedded = "REDIS_URL" not in given
        self.env = env_of(given, self.settings)
        self.children: list[Child] = []
        keep_env(self.settings)

    def child(self, name: str, *command: str, stdin: str | None = None) -> None:
        """Start a process and keep it running. One that is told its settings is the queue, and stops last."""
        child = Child(name, command, self.env, INSTANCE / "logs", self.lock, stdin, stops_last=bool(stdin))
        self.children.append(child)
        child.start()

    def once(self, *command: str) -> None:
        """Run a ``flask`` command to its end."""
        done = subprocess.run([*FLASK, *command], cwd=ROOT, env=self.env, capture_output=True, text=True)  # noqa: S603 - ours
        if done.returncode:
            (INSTANCE / "logs" / "start.log").write_text(done.stdout + done.stderr)
            last = (done.stderr.strip() or "no words").splitlines()[-1]
            raise DemoError(f"flask {command[0]} failed: {last} (all of it in instance/logs/start.log)")

    def start_queue(self) -> None:
        """Start Valkey on the port and password of REDIS_URL."""
        if self.embedded:
            address = urlsplit(self.settings["REDIS_URL"])
            folder = INSTANCE / "valkey"
            folder.mkdir(exist_ok=True)
            config = config_of(address.port or 0, address.password or "", folder)
            self.child("valkey", find_server(), "-", stdin=config)

    def start_sandbox(self) -> None:
        """Start both services the portal talks to."""
        python = sys.executable
        ports = self.ports
        callback = f"http://localhost:{ports.portal}/connections/exact/callback"
        exact = (
            "--port",
            str(ports.exact),
            "--state",
            str(INSTANCE / "exact.json"),
            "--redirect-uri",
            callback,
        )

        productive = ("--port", str(ports.productive), "--state", str(INSTANCE / "productive.json"))
        self.child("exact", python, "-m", "portal.sandbox.exact", *exact)
        self.child("productive", python, "-m", "portal.sandbox.productive", *productive)

    def start_portal(self) -> None:
        """Start web, worker and ticker."""
        bind = ("--bind", f"127.0.0.1:{self.ports.portal}")
        shape = ("--worker-class", "gthread", "--workers", "2", "--threads", "8")
        rest = ("--graceful-timeout", "5", "--no-control-socket", "app:app")
        self.child("web", sys.executable, "-m", "gunicorn", *bind, *shape, *rest)
        self.child("worker", *FLASK, "worker")
        self.child("ticker", *FLASK, "ticker")

    def wait_until_up(self, name: str, url: str) -> None:
        """Wait for a service."""
        if not wait_for(lambda: is_up(url), STARTING):
            raise DemoError(f"{name} did not start; see instance/logs.")

    def run(self) -> None:
        """Start everything, say where it is, and keep it running."""
        self.start_queue()
        self.start_sandbox()
        self.once("upgrade")
        self.wait_until_up("The Exact sandbox", f"http://localhost:{self.ports.exact}/")
        self.wait_until_up("The Productive sandbox", f"http://localhost:{self.ports.productive}/")
        self.once("prepare-demo")
        self.start_portal()
        self.wait_until_up("The portal", f"http://localhost:{self.ports.portal}/healthz")
        click.echo(welcome(self.ports))
        keep_running(self.children)


def welcome(ports: Ports) -> str:
    """Return what a person needs to begin."""
    return (
        f"\n  Portal              http://localhost:{ports.portal}\n"
        "  Sign in             admin@example.com / portal-demo-1\n"
        f"  Exact sandbox       http://localhost:{ports.exact}\n"
        f"  Productive sandbox  http://localhost:{ports.productive}\n\n"
        "  Ctrl-C stops all of it. State and logs are in instance/.\n"
    )


def run_demo() -> None:
    """Run a demo until stopped."""
    stop_on_signals()
    demo = None

    try:
        demo = Demo(shell_environment())
        demo.run()
    except Stopped:
        click.echo("Stopping …")
    finally:
        stop_all(demo.children if demo else [])


def run_flask(words: Sequence[str]) -> int:
    """Run a ``flask`` command with the settings of this folder's demo. Return how it ended."""
    if not (settings := read_env_file(KEPT_FILE)):
        raise DemoError("There is no demo in this folder yet. Start it once: make demo")
    env = env_of(shell_environment(), settings)
    return subprocess.run([*FLASK, *words], cwd=ROOT, env=env).returncode  # noqa: S603 - ours


def reset() -> None:
    """Forget everything a demo keeps."""
    os.close(take_lock())
    for path in INSTANCE.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".gitkeep":
            path.unlink()

    click.echo("The demo's data is gone; the next start begins anew.")


def main(words: Sequence[str]) -> int:
    """Run the demo, forget what it keeps, or run a ``flask`` command with its settings."""
    if words[:1] == ["flask"]:
        return run_flask(words[1:])

    if words == ["reset"]:
        reset()
    else:
        run_demo()

    return 0
