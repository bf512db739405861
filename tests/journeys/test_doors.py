"""Who gets in, and who no more: over HTTP, with browsers that run no scripts."""

import pytest
import requests

from portal.cli.demo.data import EMAIL, PASSWORD
from tests.furnishing.waits import until
from tests.journeys.person import Person
from tests.journeys.world import World

GIVEN = "zes paarden in de kast"
OWN = "geen enkele kameel slaapt"
MAIL = "ann@doors.example"


def a_browser(world: World, email: str = EMAIL, password: str = PASSWORD) -> Person:
    """A browser in which somebody tries to sign in."""
    person = Person(world.url).open("/sign-in")
    return person.fill("E-mail", email).fill("Password", password).press("Sign in")


def is_in(world: World, cookies: requests.cookies.RequestsCookieJar) -> bool:
    """Say whether somebody with these cookies is signed in."""
    answer = requests.get(f"{world.url}/account", cookies=cookies, allow_redirects=False, timeout=30)
    return answer.status_code == 200


@pytest.fixture(scope="module")
def ann(world: World) -> Person:
    """Somebody whom the administrator added, in a browser where they took a password of their own."""
    desk = a_browser(world).open("/settings/users/new")
    desk.fill("Name", "Ann").fill("E-mail", MAIL).fill("First password", GIVEN).press("Save")
    assert f"{MAIL} was added." in desk.text
    ann = a_browser(world, MAIL, GIVEN)
    assert ann.url.endswith("/account/password")
    assert ann.open("/invoices").url.endswith("/account/password")
    ann.fill("Current password", GIVEN).fill("New password", OWN).fill("New password again", OWN)
    ann.press("Change password")
    assert "The password was changed." in ann.text
    return ann


def test_a_copied_cookie_ends_with_the_session(world: World) -> None:
    person = a_browser(world)
    copied = person.session.cookies.copy()
    assert is_in(world, copied)
    person.press("Sign out")
    assert not is_in(world, copied)


def test_a_person_ends_their_session_elsewhere(world: World, ann: Person) -> None:
    elsewhere = a_browser(world, MAIL, OWN)
    assert is_in(world, elsewhere.session.cookies)
    ann.open("/account").press("End all others")
    assert "1 session was ended." in ann.text
    assert not is_in(world, elsewhere.session.cookies)
    assert is_in(world, ann.session.cookies)


def test_strangers_wait_and_the_owner_does_not(world: World, ann: Person) -> None:
    assert [a_browser(world, MAIL, "wrong").status for _ in range(6)] == [422] * 5 + [429]
    ann.open("/account").press("Sign out")
    ann.fill("E-mail", MAIL).fill("Password", OWN).press("Sign in")
    assert is_in(world, ann.session.cookies)
    told = a_browser(world).open("/activity").text
    assert f"A sign-in for {MAIL} failed, from 127.0.0.1" in told


def test_a_foreign_job_is_dropped_by_the_running_worker(world: World) -> None:

    queue = world.queue()
    mark = world.folder / "foreign-mark"
    queue.hset("rq:job:foreign", mapping={"data": f'["os.system", null, ["touch {mark}"], {{}}]'})
    queue.rpush("rq:queue:interactive", "foreign")
    until(lambda: not queue.exists("rq:job:foreign"), "the end of the foreign job")
    assert not mark.exists()
    assert "foreign job dropped" in world.logs()
