"""What can go wrong in the search room. Callers degrade on all of these (law 7); none is a programming error."""


class SearchError(Exception):
    """Root of the room's errors."""


class EngineUnavailable(SearchError):
    """The engine cannot answer now; retrying later may help.

    `code` says why, for messages in the reader's language: `down` (not reachable), `slow` (no answer in time), `refused`
    (wrong user or password), `read_only`, `version` (a server that is not known to work), `mapping` (an index that is not
    ours), `filling` (not yet brought up), `closed`.
    """

    def __init__(self, message: str, code: str = "down") -> None:
        super().__init__(message)
        self.code = code


class EncoderUnavailable(SearchError):
    """The encoder cannot be loaded or has died; the message says why and how to mend it."""


class EncoderTimeout(SearchError):
    """The encoder did not answer within the caller's deadline."""


class EncoderFileError(SearchError):
    """The packaged weights are truncated, corrupt or of an unknown version."""
