using Microsoft.Win32.SafeHandles;

namespace Networking.Store;

/// <summary>A <c>sqlite3_stmt*</c>.</summary>
internal sealed class StatementHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public StatementHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        // Finalize repeats the error of the last step, which was reported when it happened.
        _ = SqliteNative.Finalize(handle);
        return true;
    }
}
