namespace Networking.Netlink;

/// <summary>A stay of the current thread inside a network namespace. A ref struct, so that the compiler refuses it across <c>await</c>.</summary>
public ref struct NamespaceScope
{
    private readonly FileDescriptor _home;
    private bool _isInside;

    internal NamespaceScope(FileDescriptor home)
    {
        _home = home;
        _isInside = true;
    }

    /// <summary>Returns home; false if the kernel refuses, and then this thread must end.</summary>
    public bool TryLeave()
    {
        _isInside = _isInside && Libc.setns(_home.Number, SystemCalls.NetworkNamespaceFlag) != 0;
        return !_isInside;
    }

    /// <summary>Returns home.</summary>
    public void Dispose() => _ = TryLeave();
}
