using Microsoft.Win32.SafeHandles;

namespace Networking.Store;

/// <summary>A <c>sqlite3*</c>. Statements that outlive it keep the connection alive until they are gone (close_v2).</summary>
internal sealed class DatabaseHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DatabaseHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => SqliteNative.Close(handle) == (int)SqliteResult.Ok;
}
