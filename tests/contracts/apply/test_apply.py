"""`contracts apply`: done once, whole, and safe to run again whatever happened."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from registry.client import RegistryClient
from registry.errors import RegistryUnavailable
from registry.names import CompatibilityLevel, SchemaId
from registry.plans import Plan, Tree, apply_plan, make_plan
from registry.registered import Reference
from tests.contracts.conftest import Contracts
from tests.contracts.folders import MONEY, MONEY_2, with_field, write_schema, write_shop

WRITES = range(6)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Write the folder of three subjects."""
    return write_shop(tmp_path / "shop")


class DyingRegistry(RegistryClient):
    """Fails at one write, before or after the registry has done it."""

    def __init__(self, url: str, *, at: int, is_done: bool) -> None:
        super().__init__(url)
        self._writes_left = at
        self._is_done = is_done

    def set_level(self, subject: str | None, level: CompatibilityLevel) -> None:
        """Set it, or fail."""
        self._write(lambda: RegistryClient.set_level(self, subject, level))

    def register(
        self, subject: str, text: str, *, references: Sequence[Reference] = ()
    ) -> SchemaId:
        """Register it, or fail."""
        self._write(
            lambda: RegistryClient.register(self, subject, text, references=references)
        )
        return SchemaId(0)

    def _write(self, do: Callable[[], object]) -> None:
        self._writes_left -= 1
        dies = self._writes_left == -1
        if self._is_done or not dies:
            do()
        if dies:
            raise RegistryUnavailable(self.url, "it died")


def make(shop: Path, client: RegistryClient) -> Plan:
    """Plan the folder."""
    return make_plan(Tree(shop), client)


def is_whole(shop: Path, client: RegistryClient) -> bool:
    """Tell whether the registry holds all of the folder."""
    plan = make(shop, client)
    return not plan.steps and not plan.refusals


@pytest.mark.parametrize("is_done", [True, False], ids=["answer lost", "not done"])
@pytest.mark.parametrize("at", WRITES)
def test_interrupted_apply_is_run_again_and_ends_right(
    shop: Path, registry_url: str, client: RegistryClient, at: int, *, is_done: bool
) -> None:
    """A saved plan that died at any write goes on where it was, each step once."""
    plan = make(shop, client)
    with (
        DyingRegistry(registry_url, at=at, is_done=is_done) as dying,
        pytest.raises(RegistryUnavailable),
    ):
        list(apply_plan(plan, dying))

    applied = list(apply_plan(plan, client))

    assert len(applied) == len(WRITES)
    assert sum(not each.is_new for each in applied) == at + is_done
    assert is_whole(shop, client)
    assert client.get_versions("c-money-value") == [1, 2]


def test_apply_reports_each_step_and_the_second_run_does_nothing(
    contracts: Contracts, shop: Path, registry_url: str, client: RegistryClient
) -> None:
    """References and levels are what the folder says."""
    first = contracts("apply", "--dir", shop, "--registry-url", registry_url)
    second = contracts("apply", "--dir", shop, "--registry-url", registry_url)

    assert first.status == second.status == 0
    assert len(first.out.splitlines()) == len(WRITES)
    assert second.out == f"{registry_url} holds all of it; nothing to do\n"
    held = client.get_version("b-order-value", 1)
    assert held.references == (
        Reference(name="shop.Money", subject="c-money-value", version=2),
    )
    assert client.get_level("c-money-value") is CompatibilityLevel.FULL_TRANSITIVE


def test_dry_run_says_the_same_and_writes_nothing(
    contracts: Contracts, shop: Path, registry_url: str, client: RegistryClient
) -> None:
    """--dry-run of apply is the plan."""
    folder = ("--dir", shop, "--registry-url", registry_url)

    dry = contracts("apply", *folder, "--dry-run")

    assert dry.out == contracts("plan", *folder).out
    assert client.get_subjects() == []


def save(contracts: Contracts, shop: Path, url: str) -> Path:
    """Save a plan and return its file."""
    out = shop.parent / "plan.json"
    outcome = contracts("plan", "--dir", shop, "--registry-url", url, "--out", out)
    assert outcome.status == 0
    return out


def test_saved_plan_needs_no_folder(
    contracts: Contracts, shop: Path, registry_url: str, client: RegistryClient
) -> None:
    """It holds all that is to be done, as it was looked at."""
    plan = save(contracts, shop, registry_url)
    write_schema(shop, "c-money-value", 3, {"type": "string"})

    outcome = contracts(
        "apply", "--plan", plan, "--registry-url", registry_url, "--format", "json"
    )

    assert outcome.status == 0
    assert [each["is_new"] for each in outcome.json] == [True] * len(WRITES)
    assert client.get_versions("c-money-value") == [1, 2]


MOVEMENTS: dict[str, Callable[[RegistryClient], object]] = {
    "another version": lambda client: client.register("c-money-value", '"int"'),
    "the planned number, another schema": lambda client: client.register(
        "c-money-value", json.dumps(MONEY_2)
    ),
    "another level": lambda client: client.set_level(
        "c-money-value", CompatibilityLevel.NONE
    ),
    "a version beyond the plan's": lambda client: [
        client.register("c-money-value", json.dumps(schema))
        for schema in (
            MONEY,
            MONEY_2,
            with_field(MONEY_2, name="x", type="int", default=1),
        )
    ],
    "a subject of the plan": lambda client: client.register("a-cart-value", '"int"'),
}


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_saved_plan_is_refused_once_the_registry_moved(
    contracts: Contracts,
    shop: Path,
    registry_url: str,
    client: RegistryClient,
    movement: str,
) -> None:
    """Exit status 1, and nothing of the plan is done."""
    plan = save(contracts, shop, registry_url)
    MOVEMENTS[movement](client)
    subjects = client.get_subjects()

    outcome = contracts("apply", "--plan", plan, "--registry-url", registry_url)

    assert outcome.status == 1
    assert "the registry moved" in outcome.err
    assert client.get_subjects() == subjects


def test_movement_elsewhere_does_not_matter(
    contracts: Contracts, shop: Path, registry_url: str, client: RegistryClient
) -> None:
    """Subjects that the plan does not touch may change."""
    plan = save(contracts, shop, registry_url)
    client.register("unrelated-value", '"int"')

    assert (
        contracts("apply", "--plan", plan, "--registry-url", registry_url).status == 0
    )


def test_saved_plan_is_for_its_own_registry(
    contracts: Contracts, shop: Path, registry_url: str, other_registry_url: str
) -> None:
    """What was planned for one registry is not done to another."""
    plan = save(contracts, shop, registry_url)

    outcome = contracts("apply", "--plan", plan, "--registry-url", other_registry_url)

    assert outcome.status == 1
    assert registry_url in outcome.err


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2}', '{"version": 1, "steps": [{}]}', "\x00"],
)
def test_file_that_is_no_plan_is_named(
    contracts: Contracts, tmp_path: Path, registry_url: str, text: str
) -> None:
    """A sentence, not a traceback."""
    path = tmp_path / "plan.json"
    path.write_text(text)

    outcome = contracts("apply", "--plan", path, "--registry-url", registry_url)

    assert outcome.status == 1
    assert str(path) in outcome.err


def test_saved_plan_with_a_subject_is_wrong_usage(
    contracts: Contracts, tmp_path: Path, registry_url: str
) -> None:
    """A saved plan is applied whole."""
    path = tmp_path / "plan.json"
    path.write_text("{}")

    outcome = contracts("apply", "s", "--plan", path, "--registry-url", registry_url)

    assert outcome.status == 2


def test_refused_plan_is_not_applied(
    contracts: Contracts, tmp_path: Path, registry_url: str, client: RegistryClient
) -> None:
    """One bad candidate stops all; nothing is half done."""
    write_schema(tmp_path, "a-good-value", 1, MONEY)
    write_schema(tmp_path, "c-money-value", 2, MONEY)

    outcome = contracts("apply", "--dir", tmp_path, "--registry-url", registry_url)

    assert outcome.status == 1
    assert "refused: " in outcome.out
    assert client.get_subjects() == []


def test_context_of_a_registry_is_filled_like_a_registry(
    contracts: Contracts, shop: Path, registry_url: str
) -> None:
    """An address with a context works for plan, apply and drift."""
    options = ("--dir", shop, "--registry-url", f"{registry_url}/contexts/.team")

    assert contracts("apply", *options).status == 0
    assert contracts("drift", *options).status == 0
