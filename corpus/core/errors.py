"""The one family of errors that a user may see.

Every message says what is wrong, where, and what to do next, in one sentence that is safe to show.
The command line prints it without a traceback; the API sends it as problem details.
"""


class BroadsheetError(Exception):
    """Something a user can understand and act on."""


class UnreadableError(BroadsheetError):
    """A file, or an article inside one, cannot be read; the run goes on without it."""


class IndexBrokenError(BroadsheetError):
    """The index is missing, damaged, of an unknown version, or not an index at all."""


class InaccessibleError(IndexBrokenError):
    """The system refuses to read part of the index now; nothing says that it is damaged."""


class OtherVersionError(IndexBrokenError):
    """The index was written by another version of Broadsheet; nothing says that it is damaged."""


class IndexLockedError(BroadsheetError):
    """Another writer holds the index."""


class BadRequestError(BroadsheetError):
    """A request that cannot be answered as it is: an unknown field, a bad date, a page too deep."""


class UnavailableError(BroadsheetError):
    """An engine, or a feature of it, cannot be had now or at all."""
