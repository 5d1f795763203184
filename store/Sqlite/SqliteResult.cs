namespace Networking.Store;

/// <summary>Primary result codes of SQLite; an extended code carries one of these in its low byte.</summary>
internal enum SqliteResult
{
    Ok = 0, // SQLITE_OK
    Error = 1, // SQLITE_ERROR
    Busy = 5, // SQLITE_BUSY
    Locked = 6, // SQLITE_LOCKED
    NoMemory = 7, // SQLITE_NOMEM
    ReadOnly = 8, // SQLITE_READONLY
    InputOutput = 10, // SQLITE_IOERR
    Corrupt = 11, // SQLITE_CORRUPT
    Full = 13, // SQLITE_FULL
    CannotOpen = 14, // SQLITE_CANTOPEN
    TooBig = 18, // SQLITE_TOOBIG
    Constraint = 19, // SQLITE_CONSTRAINT
    Mismatch = 20, // SQLITE_MISMATCH
    NotADatabase = 26, // SQLITE_NOTADB
    Row = 100, // SQLITE_ROW
    Done = 101, // SQLITE_DONE
}
