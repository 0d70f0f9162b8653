"""Routes below /config and /mode."""

from typing import Any

from registry.local import refusals
from registry.local.calls import Call
from registry.local.contexts import GLOBAL_SCOPE, is_valid_subject
from registry.local.deletion import check_writable
from registry.local.registry import Registry
from registry.local.settings import (
    DEFAULT_CONFIG,
    Config,
    Mode,
    read_config_changes,
    read_mode,
)
from registry.local.shapes import CONFIG_UPDATE, MODE_UPDATE


def get_config(registry: Registry, call: Call) -> dict[str, Any]:
    """GET /config and /config/{subject}."""
    scope = _scope(call)
    if call.flag("defaultToGlobal"):
        return registry.settings.config_in_scope(scope).as_answer()
    found = registry.settings.find_config(scope)
    if found is None and scope:
        raise refusals.config_not_set(scope)
    return (found or DEFAULT_CONFIG).as_answer()


def put_config(registry: Registry, call: Call) -> dict[str, Any]:
    """PUT /config and /config/{subject}: change what the body names."""
    missing = (
        "updateSubjectLevelConfig.arg2" if call.path else "updateTopLevelConfig.arg1"
    )
    body = call.read(CONFIG_UPDATE, missing)
    changes = {
        name: it
        for name, it in read_config_changes(body).items()
        if not registry.emulation.ignores_setting(name)
    }
    scope = _scope(call)
    _check_scope(call, scope)
    check_writable(registry.settings, _named(call), registry.emulation)
    with registry.store.transaction():
        before = registry.settings.find_config(scope) or DEFAULT_CONFIG
        after = before.updated(changes)
        registry.settings.put_config(scope, after)
    return dict(after.values)


def delete_config(registry: Registry, call: Call) -> dict[str, Any]:
    """DELETE /config and /config/{subject}: answer what it was."""
    scope = _scope(call)
    found = registry.settings.find_config(scope)
    if found is None and scope:
        raise refusals.subject_not_found(scope)
    check_writable(registry.settings, _named(call), registry.emulation)
    with registry.store.transaction():
        registry.settings.delete_config(scope)
    before: Config = found or DEFAULT_CONFIG
    return before.as_answer()


def get_mode(registry: Registry, call: Call) -> dict[str, Any]:
    """GET /mode and /mode/{subject}."""
    scope = _scope(call)
    if call.flag("defaultToGlobal"):
        return {"mode": registry.settings.mode_in_scope(scope)}
    found = registry.settings.find_mode(scope)
    if found is None and scope:
        raise refusals.mode_not_set(scope)
    return {"mode": found or Mode.READWRITE}


def put_mode(registry: Registry, call: Call) -> dict[str, Any]:
    """PUT /mode and /mode/{subject}: answer the request as it was sent."""
    body = call.read(
        MODE_UPDATE, "updateMode.arg2" if call.path else "updateTopLevelMode.arg1"
    )
    scope = _scope(call)
    _check_scope(call, scope)
    if "mode" not in body:
        raise refusals.server_error()
    if body["mode"] is None:
        with registry.store.transaction():
            registry.settings.delete_mode(scope)
        return {}
    mode = read_mode(body["mode"])
    if mode is Mode.FORWARD and scope not in {"", GLOBAL_SCOPE}:
        raise refusals.forward_is_global()
    with registry.store.transaction():
        _change_mode(registry, call, scope, mode)
    return {"mode": body["mode"]}


def delete_mode(registry: Registry, call: Call) -> dict[str, Any]:
    """DELETE /mode/{subject}: answer what it was."""
    scope = _scope(call)
    found = registry.settings.find_mode(scope)
    if found is None:
        raise refusals.subject_not_found(scope)
    with registry.store.transaction():
        registry.settings.delete_mode(scope)
    return {"mode": found}


def _change_mode(registry: Registry, call: Call, scope: str, mode: Mode) -> None:
    before = registry.settings.mode_in_scope(scope)
    if mode is Mode.IMPORT and before is not Mode.IMPORT and not call.flag("force"):
        registry.deletion.clear(scope if scope not in {"", GLOBAL_SCOPE} else None)
    registry.settings.put_mode(scope, mode)


def _scope(call: Call) -> str:
    return call.subject if call.path else ""


def _named(call: Call) -> str | None:
    """Return the subject, or None for the global scope, however it is written."""
    return _scope(call) or None


def _check_scope(call: Call, scope: str) -> None:
    if not is_valid_subject(scope, is_scope=True):
        raise refusals.invalid_subject(call.sent_subject)
