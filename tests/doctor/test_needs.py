"""What becomes of a need when it is looked at, and how it is shown."""

import json

from registry.doctor import Condition, Need, examine, is_fit, render_json, render_text
from registry.errors import ConfigError


def lack() -> str:
    """Say that something is not there."""
    raise ConfigError("there is none", hint="buy one")


MET = Need(name="roof", look=lambda: "over the head")
MISSING = Need(name="door", look=lack)
OPTIONAL = Need(name="bell", look=lack, serves="guests")


def test_every_need_is_looked_at() -> None:
    """One that is missing hides none of the others."""
    conditions = examine([MISSING, OPTIONAL, MET])

    assert conditions == [
        Condition(
            name="door",
            serves="",
            is_met=False,
            said="there is none",
            remedy="buy one",
        ),
        Condition(
            name="bell",
            serves="guests",
            is_met=False,
            said="there is none",
            remedy="buy one",
        ),
        Condition(name="roof", serves="", is_met=True, said="over the head"),
    ]


def test_optional_need_fails_nothing() -> None:
    """Only what is needed decides whether the machine is fit."""
    assert is_fit(examine([MET, OPTIONAL]))
    assert not is_fit(examine([MET, MISSING]))


def test_each_condition_is_a_line_with_what_to_do() -> None:
    """State, name, what is there or wrong, for whom, the remedy; then the sum."""
    assert render_text(examine([MET, MISSING, OPTIONAL])) == [
        "ok       roof             over the head",
        "missing  door             there is none; buy one",
        "missing  bell             there is none (only for guests); buy one",
        "missing: 1 of what is needed",
    ]
    assert render_text(examine([OPTIONAL]))[-1] == (
        "fit: all that is needed is here; 1 optional missing"
    )
    assert render_text(examine([MET]))[-1] == "fit: everything is here"


def test_machines_get_the_same() -> None:
    """One object whose version rises only when a reader would break."""
    shown = json.loads(render_json(examine([OPTIONAL])))

    assert shown == {
        "version": 1,
        "fit": True,
        "conditions": [
            {
                "name": "bell",
                "serves": "guests",
                "is_met": False,
                "said": "there is none",
                "remedy": "buy one",
                "needed": False,
            }
        ],
    }
