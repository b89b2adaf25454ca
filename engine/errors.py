"""Every error a user can meet, each with a short code that travels unchanged over OSC and JSON."""


class VampbridgeError(Exception):
    """Base of all errors Vampbridge raises on purpose. The message says what to do.

    Attributes:
        code: short stable word for programs (OSC `/error`, `--json`).
    """

    code = "error"


class SettingError(VampbridgeError, ValueError):
    """A setting is of the wrong type or out of range. The message names it, its range and the value."""

    code = "setting"


class AudioError(VampbridgeError):
    """Audio that cannot be used: unreadable, empty, too short, too long, not finite."""

    code = "audio"


class BundleError(VampbridgeError):
    """A model bundle that is missing, damaged, of another format version, or refused."""

    code = "bundle"


class DownloadError(VampbridgeError):
    """Something could not be fetched, or came damaged. The message says what is kept and what to do."""

    code = "download"


class PathError(VampbridgeError):
    """A path outside the allowed folders, or one that cannot be read or written."""

    code = "path"


class EngineError(VampbridgeError):
    """The engine process failed, died or was stopped; or something failed that nobody had expected to.

    Args:
        what: Has happened.
        advice: What whoever sent a loop can do; others, who hold it in another way, say it in their own words.
    """

    code = "engine"

    def __init__(self, what: str = "", *, advice: str = "") -> None:
        super().__init__(f"{what}: {advice}" if advice else what)
        self.what, self.advice = what, advice


class CancelledError(VampbridgeError):
    """A vamp was cancelled or replaced by a newer one before it finished."""

    code = "cancelled"


class MissingDependencyError(VampbridgeError):
    """Something optional is not installed. The message says which command installs it."""

    code = "missing-dependency"
